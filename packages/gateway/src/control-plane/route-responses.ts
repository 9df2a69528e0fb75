import type { ApiDocument } from '../resources/api-document.ts';
import { own } from '../resources/record.ts';
import type { RouteResponse } from '../resources/route.ts';
import { routeResponseFields, settleRouteResponse } from '../resources/route-response.ts';
import { apiDocuments } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { freshId } from './fresh-id.ts';
import type { Operation } from './operation.ts';
import { findRoute } from './routes.ts';

const kind: ChildKind<ApiDocument, RouteResponse> = {
  documents: apiDocuments,
  collection: 'routeResponses',
  table: routeResponseFields,
  path: '/v2/apis/{apiId}/routes/{routeId}/routeresponses',
  id: 'routeResponseId',
  assertParent: ({ params }, document) => void findRoute(document, params.routeId!),
  isMember: ({ params }, response) => response.routeId === params.routeId,
  start: async ({ context, params }, document) => ({
    routeResponseId: await freshId(context, 6, (id) => Boolean(own(document.routeResponses, id))),
    routeId: params.routeId!,
  }),
  settle: (response, { document }) => settleRouteResponse(response, document),
};

export const routeResponseOperations: Operation[] = childOperations(kind);
