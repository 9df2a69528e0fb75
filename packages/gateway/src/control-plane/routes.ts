import type { ApiDocument } from '../resources/api-document.ts';
import { notFound } from '../resources/problems.ts';
import { drop, own, put, without } from '../resources/record.ts';
import { type Route, routeFields, settleRoute } from '../resources/route.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments, changeApi } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { freshId } from './fresh-id.ts';
import type { Call, Operation } from './operation.ts';

const path = '/v2/apis/{apiId}/routes';

const kind: ChildKind<ApiDocument, Route> = {
  documents: apiDocuments,
  collection: 'routes',
  table: routeFields,
  path,
  id: 'routeId',
  countMax: limits.routesPerApiMax,
  start: async ({ context }, document) => ({
    routeId: await freshId(context, 7, (id) => own(document.routes, id) !== undefined),
  }),
  settle: (route, { document, context }) => settleRoute(route, document, context.lenient),
  // A route takes its responses with it.
  release: ({ routeId }, document) => ({
    ...document,
    routeResponses: drop(document.routeResponses, (response) => response.routeId === routeId),
  }),
};

export const routeOperations: Operation[] = [
  ...childOperations(kind),
  {
    operation: 'DeleteRouteRequestParameter',
    method: 'DELETE',
    path: `${path}/{routeId}/requestparameters/{requestParameterKey}`,
    status: 204,
    handler: deleteRouteRequestParameter,
  },
];

export function findRoute(document: ApiDocument, routeId: string): Route {
  const route = own(document.routes, routeId);
  if (route) return route;
  throw notFound('Route', `Invalid Route identifier specified ${routeId}`);
}

/** The only way to drop one: a PATCH keeps the parameters it does not name. */
async function deleteRouteRequestParameter({ context, params }: Call): Promise<void> {
  const { apiId, routeId, requestParameterKey: key } = params;
  await changeApi(context, apiId!, (document) => {
    const { requestParameters = {}, ...route } = findRoute(document, routeId!);
    if (!own(requestParameters, key!)) {
      throw notFound('RequestParameter', `Invalid RequestParameter key specified ${key}`);
    }
    const rest = without(requestParameters, key!);
    const changed = {
      ...route,
      ...(Object.keys(rest).length > 0 && { requestParameters: rest }),
    };
    return {
      document: { ...document, routes: put(document.routes, routeId!, changed) },
      answer: () => undefined,
    };
  });
}
