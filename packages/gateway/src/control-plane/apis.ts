import { type Api, apiFields, settleApi } from '../resources/api.ts';
import { type ApiDocument, deploymentPrefix, emptyDocument } from '../resources/api-document.ts';
import { createFrom, patch } from '../resources/patch.ts';
import { badRequest, conflict } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { own } from '../resources/record.ts';
import { CUSTOM_ID_TAG, customIdPattern } from '../resources/tags.ts';
import { clearedFields, viewOf } from '../resources/view.ts';
import { limits } from '../wire/limits.ts';
import { assertRoomFor } from './account-quota.ts';
import { apiDocuments, changeApi, readApi } from './api-store.ts';
import {
  concurrentModification,
  createDocument,
  freshDocumentId,
  listDocuments,
} from './document-store.ts';
import { assertNoMappings } from './domain-store.ts';
import { type Call, type ControlContext, dateOf, type Operation } from './operation.ts';
import { leaveUsagePlans } from './v1/usage-plan-store.ts';

const path = '/v2/apis';
const one = `${path}/{apiId}`;

export const apiOperations: Operation[] = [
  // GetApi with an empty id, which some clients send: AWS answers an empty object.
  { operation: 'GetApi', method: 'GET', path: '/v2/apis/', status: 200, handler: async () => ({}) },
  { operation: 'GetApis', method: 'GET', path, status: 200, handler: getApis },
  { operation: 'CreateApi', method: 'POST', path, status: 201, handler: createApi },
  { operation: 'DeleteApi', method: 'DELETE', path: one, status: 204, handler: deleteApi },
  { operation: 'GetApi', method: 'GET', path: one, status: 200, handler: getApi },
  { operation: 'UpdateApi', method: 'PATCH', path: one, status: 200, handler: updateApi },
];

function getApis(call: Call) {
  return listDocuments<ApiDocument>(call, apiDocuments, ({ api }) => view(call.context, api));
}

async function createApi({ context, body }: Call) {
  const asked = readFields(apiFields, body, 'create', context.lenient);
  const customId = own(asked.tags ?? {}, CUSTOM_ID_TAG);
  if (customId !== undefined && !customIdPattern.test(customId)) {
    throw badRequest(`Invalid ${CUSTOM_ID_TAG} specified. Must be 3 to 32 of a-z and 0-9`);
  }
  const apiId = customId ?? (await freshDocumentId(context, apiDocuments, 10));
  const draft = createFrom(apiFields, { apiId, createdDate: dateOf(context) }, asked);
  const api = settleApi(draft, context.lenient);
  await assertRoomFor(context, apiDocuments, limits.apisPerAccountMax);
  if (await createDocument(context, apiDocuments, apiId, emptyDocument(api))) {
    return view(context, api);
  }
  if (customId !== undefined) throw conflict(`API with identifier ${customId} already exists`);
  throw concurrentModification();
}

async function getApi({ context, params }: Call) {
  const { api } = await readApi(context, params.apiId!);
  return view(context, api);
}

function updateApi({ context, params, body }: Call) {
  return changeApi(context, params.apiId!, (document) => {
    const asked = readFields(apiFields, body, 'update', context.lenient);
    const cleared = clearedFields(apiFields, asked);
    const isSame = Object.keys(asked).length === 0;
    const api = isSame
      ? document.api
      : settleApi(patch(apiFields, document.api, asked), context.lenient);
    return {
      document: isSame ? document : { ...document, api },
      answer: () => view(context, api, cleared),
    };
  });
}

/** The API, its children and its deployments, in one commit. */
async function deleteApi({ context, params }: Call): Promise<void> {
  const apiId = params.apiId!;
  await changeApi(context, apiId, async () => {
    await assertNoMappings(context, apiId);
    const deployments = await context.store.list(deploymentPrefix(apiId));
    const gone = deployments.map(({ key, version }) => ({
      key,
      value: undefined,
      expectedVersion: version,
    }));
    const also = [...gone, ...(await leaveUsagePlans(context, apiId))];
    return { document: undefined, also, answer: () => undefined };
  });
}

function view(context: ControlContext, api: Api, cleared = {}) {
  return viewOf(apiFields, api, { apiEndpoint: context.endpointOf(api.apiId), ...cleared });
}
