import type { FieldTable } from '../resources/field.ts';
import { patchMap } from '../resources/patch.ts';
import { badRequest } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { drop } from '../resources/record.ts';
import { assertExtensionTags } from '../resources/stage-extensions.ts';
import { tagsRule } from '../resources/tags.ts';
import type { Call, Operation } from './operation.ts';
import { type Tags, taggedBy } from './tagged.ts';

const path = '/v2/tags/{resource-arn}';

export const tagOperations: Operation[] = [
  { operation: 'UntagResource', method: 'DELETE', path, status: 204, handler: untagResource },
  { operation: 'GetTags', method: 'GET', path, status: 200, handler: getTags },
  { operation: 'TagResource', method: 'POST', path, status: 201, handler: tagResource },
];

const tagFields: FieldTable<{ tags: Tags }> = {
  noun: 'Tags',
  fields: [{ name: 'tags', ...tagsRule, required: 'Invalid tags specified. Must be a map' }],
  given: [],
};

export async function getTags({ context, params }: Call) {
  const { read } = await taggedBy(context, arnOf(params));
  return { tags: await read() };
}

export async function tagResource({ context, params, body }: Call): Promise<void> {
  const { isStage, change } = await taggedBy(context, arnOf(params));
  const { tags } = readFields(tagFields, body, 'create', context.lenient);
  await change((current) => {
    if (isStage) assertExtensionTags(tags!);
    return patchMap(tagsRule, current, tags!);
  });
}

/** Keys that are not there are not an error. */
export async function untagResource({ context, params, query }: Call): Promise<void> {
  const { change } = await taggedBy(context, arnOf(params));
  const keys = query.getAll('tagKeys');
  if (keys.length === 0) throw badRequest('Invalid tagKeys specified. Must name at least one key');
  await change((current) => drop(current, (_, key) => keys.includes(key)));
}

/** v1 spells the parameter with an underscore. */
const arnOf = (params: Call['params']) => (params['resource-arn'] ?? params.resource_arn)!;
