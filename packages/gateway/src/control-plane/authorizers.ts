import type { ApiDocument } from '../resources/api-document.ts';
import {
  type Authorizer,
  assertAuthorizerUnused,
  authorizerFields,
  isHttpUri,
  settleAuthorizer,
} from '../resources/authorizer.ts';
import { own } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments, readApi } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { freshId } from './fresh-id.ts';
import type { Call, Operation } from './operation.ts';
import { findStage } from './stages.ts';

const kind: ChildKind<ApiDocument, Authorizer> = {
  documents: apiDocuments,
  collection: 'authorizers',
  table: authorizerFields,
  path: '/v2/apis/{apiId}/authorizers',
  id: 'authorizerId',
  countMax: limits.authorizersPerApiMax,
  start: async ({ context }, document) => ({
    authorizerId: await freshId(context, 6, (id) => Boolean(own(document.authorizers, id))),
  }),
  settle: (authorizer, { context }) => settleAuthorizer(authorizer, context),
  shown: ({ authorizerUri = '' }) =>
    isHttpUri(authorizerUri) ? { 'x-postern': { differsFromAws: ['authorizerUri'] } } : {},
  release: (authorizer, document) => {
    assertAuthorizerUnused(authorizer, document);
    return document;
  },
};

export const authorizerOperations: Operation[] = [
  ...childOperations(kind),
  {
    operation: 'ResetAuthorizersCache',
    method: 'DELETE',
    path: '/v2/apis/{apiId}/stages/{stageName}/cache/authorizers',
    status: 204,
    handler: resetAuthorizersCache,
  },
];

/** Authorizers of WebSocket APIs cache nothing, so there is nothing to do but to check the names. */
async function resetAuthorizersCache({ context, params }: Call): Promise<void> {
  findStage(await readApi(context, params.apiId!), params.stageName!);
}
