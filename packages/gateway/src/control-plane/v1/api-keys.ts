import { shortId } from '../../ambient/ids.ts';
import {
  type ApiKey,
  apiKeyFields,
  apiKeyValueKey,
  settleApiKey,
} from '../../resources/api-key.ts';
import { readPatchOperations, replacedMembers } from '../../resources/json-patch.ts';
import { createFrom, patch } from '../../resources/patch.ts';
import { conflict } from '../../resources/problems.ts';
import { readFields } from '../../resources/read-fields.ts';
import { without } from '../../resources/record.ts';
import { viewOf } from '../../resources/view.ts';
import { limits } from '../../wire/limits.ts';
import { assertRoomFor } from '../account-quota.ts';
import { changeDocument, readDocument } from '../document-store.ts';
import { type Call, epochSecondsOf, type Operation } from '../operation.ts';
import { apiKeyDocuments, freshApiKeyId, newApiKey } from './api-key-store.ts';
import { importApiKeysOperation } from './import-api-keys.ts';
import { listAll } from './list.ts';
import { limitExceeded } from './problems.ts';
import { dropFromUsagePlans } from './usage-plan-store.ts';

const path = '/apikeys';
const one = `${path}/{api_Key}`;

export const apiKeyOperations: Operation[] = [
  { operation: 'GetApiKeys', method: 'GET', path, status: 200, handler: getApiKeys },
  {
    operation: 'CreateApiKey',
    method: 'POST',
    path,
    status: 201,
    handler: createApiKey,
    instead: (query) => (query.get('mode') === 'import' ? importApiKeysOperation : undefined),
  },
  { operation: 'GetApiKey', method: 'GET', path: one, status: 200, handler: getApiKey },
  { operation: 'UpdateApiKey', method: 'PATCH', path: one, status: 200, handler: updateApiKey },
  { operation: 'DeleteApiKey', method: 'DELETE', path: one, status: 202, handler: deleteApiKey },
];

/** `name` filters by the beginning of the name. */
function getApiKeys(call: Call) {
  const name = call.query.get('name') ?? '';
  const customerId = call.query.get('customerId');
  const isShown = (key: ApiKey) =>
    (key.name ?? '').startsWith(name) && (customerId ?? key.customerId) === key.customerId;
  const withValue = call.query.get('includeValues') === 'true';
  return listAll<ApiKey>(call, apiKeyDocuments, (key) => view(key, withValue), isShown);
}

async function createApiKey({ context, body }: Call) {
  const asked = readFields(apiKeyFields, body, 'create', context.lenient);
  const now = epochSecondsOf(context);
  const start = {
    id: await freshApiKeyId(context),
    value: shortId(context.random, 40),
    createdDate: now,
    lastUpdatedDate: now,
  };
  const key = settleApiKey(createFrom(apiKeyFields, start, asked), context.lenient);
  await assertRoomFor(context, apiKeyDocuments, limits.apiKeysPerAccountMax, limitExceeded);
  if (await context.store.commit(newApiKey(key))) return view(key, true);
  throw conflict('API Key already exists');
}

async function getApiKey({ context, params, query }: Call) {
  const key = await readDocument(context, apiKeyDocuments, params.api_Key!);
  return view(key, query.get('includeValue') === 'true');
}

const replaceable = ['/name', '/description', '/enabled', '/customerId'];

function updateApiKey({ context, params, body }: Call) {
  return changeDocument(context, apiKeyDocuments, params.api_Key!, (before) => {
    const operations = readPatchOperations(body, { replace: replaceable });
    const members = replacedMembers(operations, { enabled: 'flag' });
    const asked = readFields(apiKeyFields, members, 'update', context.lenient);
    const key =
      operations.length === 0
        ? before
        : { ...patch(apiKeyFields, before, asked), lastUpdatedDate: epochSecondsOf(context) };
    return { document: key, answer: () => view(key, false) };
  });
}

/** The key goes from every usage plan it is in. */
async function deleteApiKey({ context, params }: Call): Promise<void> {
  await changeDocument(context, apiKeyDocuments, params.api_Key!, async ({ id, value }) => {
    const key = apiKeyValueKey(value);
    const stored = await context.store.get(key);
    const gone = { key, value: undefined, expectedVersion: stored?.version ?? 0 };
    const also = [gone, ...(await dropFromUsagePlans(context, id))];
    return { document: undefined, also, answer: () => undefined };
  });
}

function view(key: ApiKey, withValue: boolean) {
  const shown = viewOf(apiKeyFields, key);
  return withValue ? shown : without(shown, 'value');
}
