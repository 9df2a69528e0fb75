import type { ApiDocument } from '../resources/api-document.ts';
import type { FieldTable } from '../resources/field.ts';
import { patchMap } from '../resources/patch.ts';
import { badRequest, notFound } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { type Dictionary, drop } from '../resources/record.ts';
import { assertExtensionTags } from '../resources/stage-extensions.ts';
import { tagsRule } from '../resources/tags.ts';
import { changeApi, readApi } from './api-store.ts';
import { type Call, type ControlContext, dateOf, type Operation } from './operation.ts';
import { findStage, putStage } from './stages.ts';

type Tags = Dictionary<string>;

/** What can be tagged: an API, or one of its stages. */
interface Target {
  readonly apiId: string;
  readonly stageName: string | undefined;
}

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

async function getTags({ context, params }: Call) {
  const target = readArn(params);
  const document = await readApi(context, target.apiId);
  return { tags: tagsOf(document, target) };
}

async function tagResource({ context, params, body }: Call): Promise<void> {
  const target = readArn(params);
  const { tags } = readFields(tagFields, body, 'create', context.lenient);
  await changeTags(context, target, (current) => {
    if (target.stageName !== undefined) assertExtensionTags(tags!);
    return patchMap(tagsRule, current, tags!);
  });
}

/** Keys that are not there are not an error. */
async function untagResource({ context, params, query }: Call): Promise<void> {
  const target = readArn(params);
  const keys = query.getAll('tagKeys');
  if (keys.length === 0) throw badRequest('Invalid tagKeys specified. Must name at least one key');
  await changeTags(context, target, (current) => drop(current, (_, key) => keys.includes(key)));
}

async function changeTags(
  context: ControlContext,
  target: Target,
  change: (tags: Tags) => Tags,
): Promise<void> {
  await changeApi(context, target.apiId, (document) => {
    const tags = change(tagsOf(document, target));
    const { stageName } = target;
    return {
      document:
        stageName === undefined
          ? { ...document, api: { ...document.api, tags } }
          : putStage(document, { ...findStage(document, stageName), tags }, dateOf(context)),
      answer: () => undefined,
    };
  });
}

function tagsOf(document: ApiDocument, { stageName }: Target): Tags {
  return stageName === undefined ? document.api.tags : findStage(document, stageName).tags;
}

const ARN = /^arn:aws(?:-[a-z]+)*:apigateway:[a-z]{2}(?:-[a-z]+)+-\d::\/(.+)$/;
const RESOURCE = /^apis\/([^/]+)(?:\/stages\/([^/]+))?$/;

/** Throws for what is no ARN of a resource that can have tags. */
function readArn(params: Call['params']): Target {
  const [, resource = ''] = ARN.exec(params['resource-arn']!) ?? [];
  // Domain names and VPC links can be tagged on AWS; here there are none to find.
  if (/^domainnames\/[^/]+$/.test(resource)) {
    throw notFound('DomainName', 'Invalid domain name identifier specified');
  }
  if (/^vpclinks\/[^/]+$/.test(resource)) {
    throw notFound('VpcLink', 'Invalid VpcLink identifier specified');
  }
  const [, apiId, stageName] = RESOURCE.exec(resource) ?? [];
  if (apiId === undefined) throw badRequest('Invalid resource ARN specified');
  return { apiId, stageName };
}
