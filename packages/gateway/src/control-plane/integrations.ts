import type { ApiDocument } from '../resources/api-document.ts';
import { type Integration, integrationFields } from '../resources/integration.ts';
import { settleIntegration } from '../resources/integration-rules.ts';
import { conflict, notFound } from '../resources/problems.ts';
import { drop, own } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { freshId } from './fresh-id.ts';
import type { Operation } from './operation.ts';

const kind: ChildKind<ApiDocument, Integration> = {
  documents: apiDocuments,
  collection: 'integrations',
  table: integrationFields,
  path: '/v2/apis/{apiId}/integrations',
  id: 'integrationId',
  countMax: limits.integrationsPerApiMax,
  start: async ({ context }, document) => ({
    integrationId: await freshId(context, 7, (id) => Boolean(own(document.integrations, id))),
  }),
  settle: (integration, { context }) => settleIntegration(integration, context.lenient),
  release: (integration, document) => {
    assertUnreferenced(integration, document);
    const { integrationId } = integration;
    return {
      ...document,
      // An integration takes its responses with it.
      integrationResponses: drop(
        document.integrationResponses,
        (response) => response.integrationId === integrationId,
      ),
    };
  },
};

export const integrationOperations: Operation[] = childOperations(kind);

export function findIntegration(document: ApiDocument, integrationId: string): Integration {
  const integration = own(document.integrations, integrationId);
  if (integration) return integration;
  throw notFound('Integration', `Invalid Integration identifier specified ${integrationId}`);
}

function assertUnreferenced({ integrationId }: Integration, document: ApiDocument): void {
  const routeIds = Object.values(document.routes)
    .filter(({ target }) => target === `integrations/${integrationId}`)
    .map(({ routeId }) => routeId);
  if (routeIds.length === 0) return;
  throw conflict(
    'Cannot delete Integration because it is referenced by the following Routes with Ids: ' +
      `[${routeIds.join(', ')}]`,
  );
}
