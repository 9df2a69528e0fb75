import type { ApiKey } from '../../resources/api-key.ts';
import type { FieldTable } from '../../resources/field.ts';
import { conflict } from '../../resources/problems.ts';
import { readFields } from '../../resources/read-fields.ts';
import { put } from '../../resources/record.ts';
import { assertOnePlanPerStage, type UsagePlansDocument } from '../../resources/usage-plan.ts';
import { limits } from '../../wire/limits.ts';
import { findStored, readDocument } from '../document-store.ts';
import type { Call, ControlContext, Operation } from '../operation.ts';
import { apiKeyDocuments } from './api-key-store.ts';
import { listOf } from './list.ts';
import { limitExceeded } from './problems.ts';
import { changeUsagePlans, findUsagePlan, readUsagePlans } from './usage-plan-store.ts';

const path = '/usageplans/{usageplanId}/keys';
const one = `${path}/{keyId}`;

export const usagePlanKeyOperations: Operation[] = [
  { operation: 'GetUsagePlanKeys', method: 'GET', path, status: 200, handler: getKeys },
  { operation: 'CreateUsagePlanKey', method: 'POST', path, status: 201, handler: createKey },
  { operation: 'GetUsagePlanKey', method: 'GET', path: one, status: 200, handler: getKey },
  { operation: 'DeleteUsagePlanKey', method: 'DELETE', path: one, status: 202, handler: deleteKey },
];

const usagePlanKeyFields: FieldTable<{ keyId: string; keyType: string }> = {
  noun: 'UsagePlanKey',
  fields: [
    { name: 'keyId', kind: 'text', required: 'Invalid API Key identifier specified' },
    {
      name: 'keyType',
      kind: 'text',
      oneOf: ['API_KEY'],
      required: 'Invalid keyType specified. Must be one of [API_KEY]',
    },
  ],
  given: [],
};

/** `name` filters by the beginning of the key's name. */
async function getKeys(call: Call) {
  const { context, params, query } = call;
  const { id, keyIds } = findUsagePlan(await readUsagePlans(context), params.usageplanId!);
  const keys = await Promise.all(keyIds.map((keyId) => findKey(context, keyId)));
  const name = query.get('name') ?? '';
  const shown = keys.flatMap((key): [string, ApiKey][] =>
    key && (key.name ?? '').startsWith(name) ? [[key.id, key]] : [],
  );
  return listOf(call, `${path} ${id}`, Object.fromEntries(shown), view);
}

/** The key is written along as it is: whoever deletes it at this moment tries again. */
function createKey({ context, params, body }: Call) {
  return changeUsagePlans(context, async (document) => {
    const planId = findUsagePlan(document, params.usageplanId!).id;
    const { keyId } = readFields(usagePlanKeyFields, body, 'create', context.lenient);
    const stored = await findStored(context, apiKeyDocuments, keyId!);
    if (!stored) throw apiKeyDocuments.unknown(context, keyId!);
    const { document: key, version } = stored;
    return {
      document: withKey(document, planId, key.id),
      also: [{ key: apiKeyDocuments.prefix + key.id, value: key, expectedVersion: version }],
      answer: () => view(key),
    };
  });
}

async function getKey({ context, params }: Call) {
  const keyId = await memberOf(context, params);
  return view(await readDocument(context, apiKeyDocuments, keyId));
}

async function deleteKey({ context, params }: Call): Promise<void> {
  await changeUsagePlans(context, (document) => {
    const plan = findUsagePlan(document, params.usageplanId!);
    const keyIds = plan.keyIds.filter((id) => id !== params.keyId);
    if (keyIds.length === plan.keyIds.length) {
      throw apiKeyDocuments.unknown(context, params.keyId!);
    }
    const plans = put(document.plans, plan.id, { ...plan, keyIds });
    return { document: { plans }, answer: () => undefined };
  });
}

/** The document with a key in a plan. Throws where that may not be. */
export function withKey(
  document: UsagePlansDocument,
  planId: string,
  keyId: string,
): UsagePlansDocument {
  const plan = findUsagePlan(document, planId);
  if (plan.keyIds.includes(keyId)) throw conflict('Usage Plan Key already exists');
  const others = Object.values(document.plans).filter(({ keyIds }) => keyIds.includes(keyId));
  if (others.length >= limits.usagePlansPerApiKeyMax) throw limitExceeded('Usage Plans', 'API Key');
  const changed = { ...plan, keyIds: [...plan.keyIds, keyId] };
  assertOnePlanPerStage(changed, document);
  return { plans: put(document.plans, planId, changed) };
}

async function memberOf(context: ControlContext, params: Call['params']): Promise<string> {
  const plan = findUsagePlan(await readUsagePlans(context), params.usageplanId!);
  const keyId = params.keyId!;
  if (plan.keyIds.includes(keyId)) return keyId;
  throw apiKeyDocuments.unknown(context, keyId);
}

async function findKey(context: ControlContext, keyId: string): Promise<ApiKey | undefined> {
  return (await findStored(context, apiKeyDocuments, keyId))?.document;
}

function view({ id, name, value }: ApiKey) {
  return { id, ...(name !== undefined && { name }), type: 'API_KEY', value };
}
