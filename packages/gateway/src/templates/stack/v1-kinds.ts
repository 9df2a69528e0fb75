/**
 * `AWS::ApiGateway::*`, as far as WebSocket APIs use them: API keys, usage plans, account settings. They
 * belong to the older API, whose changes are lists of operations.
 */
import type { Field, Rule } from '../../resources/field.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { PatchOperation, ResourceKind } from './resource-kind.ts';

type Values = Dictionary<unknown>;

const text = (name: string): Field => ({ name, kind: 'text', isClearable: true });
const number = (name: string): Field => ({ name, kind: 'number', min: 0 });
const members = (...fields: Field[]) =>
  ({ kind: 'object', patch: 'replace', members: fields }) as const satisfies Rule;

const throttle = members(number('burstLimit'), number('rateLimit'));
const tags: Field = { name: 'tags', kind: 'map', of: { kind: 'text' } };

const apiKeyFields: readonly Field[] = [
  text('name'),
  text('description'),
  { name: 'enabled', kind: 'flag', initial: false },
  { name: 'value', kind: 'text', only: 'create', isWriteOnly: true },
  { name: 'generateDistinctId', kind: 'flag', only: 'create', isWriteOnly: true },
  text('customerId'),
  tags,
];

const usagePlanFields: readonly Field[] = [
  text('name'),
  text('description'),
  {
    name: 'apiStages',
    kind: 'list',
    of: members(text('apiId'), text('stage'), { name: 'throttle', kind: 'map', of: throttle }),
  },
  { name: 'throttle', ...throttle },
  { name: 'quota', ...members(number('limit'), number('offset'), text('period')) },
  tags,
];

const usagePlanKeyFields: readonly Field[] = [
  // The answer calls them `id` and `type`.
  { name: 'keyId', kind: 'text', only: 'create', isWriteOnly: true },
  { name: 'keyType', kind: 'text', only: 'create', isWriteOnly: true },
];

export const v1Kinds: readonly ResourceKind[] = [
  {
    type: 'AWS::ApiGateway::Account',
    noun: 'Account',
    fields: [text('cloudwatchRoleArn')],
    required: [],
    collection: '/account',
    id: 'apiKeyVersion',
    attributes: {},
    renamed: { CloudWatchRoleArn: 'cloudwatchRoleArn' },
    patchOperations: replaceTexts,
    isSingleton: true,
  },
  {
    type: 'AWS::ApiGateway::ApiKey',
    noun: 'ApiKey',
    fields: apiKeyFields,
    required: [],
    collection: '/apikeys',
    id: 'id',
    attributes: { APIKeyId: 'id' },
    unused: ['StageKeys'],
    tagsAt: '/apikeys/{id}',
    patchOperations: replaceTexts,
  },
  {
    type: 'AWS::ApiGateway::UsagePlan',
    noun: 'UsagePlan',
    fields: usagePlanFields,
    required: ['UsagePlanName'],
    collection: '/usageplans',
    id: 'id',
    attributes: { Id: 'id' },
    renamed: { UsagePlanName: 'name' },
    tagsAt: '/usageplans/{id}',
    patchOperations: usagePlanOperations,
    emptying: (actual) =>
      stagesOf(actual).map(({ place }) => ({ op: 'remove', path: '/apiStages', value: place })),
  },
  {
    type: 'AWS::ApiGateway::UsagePlanKey',
    noun: 'UsagePlanKey',
    fields: usagePlanKeyFields,
    required: ['KeyId', 'KeyType', 'UsagePlanId'],
    collection: '/usageplans/{UsagePlanId}/keys',
    id: 'id',
    key: 'keyId',
    attributes: { Id: 'id' },
    keyMember: 'id',
  },
];

function usagePlanOperations(
  wanted: Values,
  actual: Values,
  fields: readonly string[],
): readonly PatchOperation[] {
  const texts = fields.filter((name) => name === 'name' || name === 'description');
  const members = fields.filter((name) => name === 'throttle' || name === 'quota');
  return [
    ...replaceTexts(wanted, actual, texts),
    ...members.flatMap((name) => replaceMembers(`/${name}`, wanted[name], actual[name])),
    ...(fields.includes('apiStages') ? stageOperations(wanted, actual) : []),
  ];
}

/** Fields of one value each. A key that no longer says whether it is enabled is not. */
function replaceTexts(
  wanted: Values,
  _: Values,
  fields: readonly string[],
): readonly PatchOperation[] {
  return fields
    .filter((name) => name !== 'tags')
    .map((name) => ({
      op: 'replace',
      path: `/${name}`,
      value: String(own(wanted, name) ?? (name === 'enabled' ? false : '')),
    }));
}

function replaceMembers(path: string, wanted: unknown, actual: unknown): PatchOperation[] {
  if (wanted === undefined) return actual === undefined ? [] : [{ op: 'remove', path }];
  const now = (actual ?? {}) as Values;
  return Object.entries(wanted as Values)
    .filter(([name, value]) => own(now, name) !== value)
    .map(([name, value]) => ({ op: 'replace', path: `${path}/${name}`, value: String(value) }));
}

function stageOperations(wanted: Values, actual: Values): PatchOperation[] {
  const [now, then] = [stagesOf(actual), stagesOf(wanted)];
  const has = (stages: typeof now, place: string) => stages.some((stage) => stage.place === place);
  const removed = now.filter(({ place }) => !has(then, place));
  const added = then.filter(({ place }) => !has(now, place));
  return [
    ...removed.map(({ place }) => ({ op: 'remove', path: '/apiStages', value: place }) as const),
    ...added.map(({ place }) => ({ op: 'add', path: '/apiStages', value: place }) as const),
    ...then.flatMap(({ place, throttles }) => {
      const before = now.find((stage) => stage.place === place)?.throttles ?? {};
      return Object.entries(throttles).flatMap(([key, limits]) =>
        replaceMembers(
          `/apiStages/${place}/throttle/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          limits,
          own(before, key),
        ),
      );
    }),
  ];
}

/** `apiId:stage` of each stage of a plan, with the limits of its routes. */
function stagesOf({ apiStages }: Values): { place: string; throttles: Values }[] {
  const stages = (apiStages ?? []) as { apiId: string; stage: string; throttle?: Values }[];
  return stages.map(({ apiId, stage, throttle: limits = {} }) => ({
    place: `${apiId}:${stage}`,
    throttles: limits,
  }));
}
