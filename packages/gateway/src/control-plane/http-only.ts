import { badRequest } from '../resources/problems.ts';
import { changeApi, readApi } from './api-store.ts';
import type { Call, Operation } from './operation.ts';

/** Operations of AWS that are about HTTP APIs. Called by name, so the answer can say which one. */
export const httpOnlyOperations: Operation[] = [
  {
    operation: 'ImportApi',
    method: 'PUT',
    path: '/v2/apis',
    status: 201,
    handler: async () => {
      throw notForWebSockets('ImportApi');
    },
  },
  {
    operation: 'ReimportApi',
    method: 'PUT',
    path: '/v2/apis/{apiId}',
    status: 201,
    handler: (call) => refuse('ReimportApi', call),
  },
  {
    operation: 'ExportApi',
    method: 'GET',
    path: '/v2/apis/{apiId}/exports/{specification}',
    status: 200,
    handler: (call) => refuse('ExportApi', call),
  },
  {
    operation: 'DeleteCorsConfiguration',
    method: 'DELETE',
    path: '/v2/apis/{apiId}/cors',
    status: 204,
    handler: deleteCorsConfiguration,
  },
];

function notForWebSockets(operation: string) {
  return badRequest(
    `The operation ${operation} is for APIs with a protocol type of HTTP, ` +
      'which are not supported by this version',
  );
}

async function refuse(operation: string, { context, params }: Call): Promise<never> {
  await readApi(context, params.apiId!);
  throw notForWebSockets(operation);
}

/** HTTP APIs are kept in lenient mode, with the CORS settings that were given. */
async function deleteCorsConfiguration({ context, params }: Call): Promise<void> {
  await changeApi(context, params.apiId!, (document) => {
    const { corsConfiguration: _, ...api } = document.api;
    if (api.protocolType === 'WEBSOCKET') {
      throw badRequest('Cors is not supported for WEBSOCKET protocolType');
    }
    return { document: { ...document, api }, answer: () => undefined };
  });
}
