import type { ApiDocument } from '../resources/api-document.ts';
import { type Integration, integrationFields } from '../resources/integration.ts';
import { settleIntegration } from '../resources/integration-rules.ts';
import { badRequest, conflict, notFound } from '../resources/problems.ts';
import { drop, own } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { findStored } from './document-store.ts';
import { freshId } from './fresh-id.ts';
import type { ControlContext, Operation } from './operation.ts';
import { vpcLinkDocuments } from './vpc-links.ts';

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
  async settle(integration, { context, asked }) {
    if (asked.connectionId && !context.lenient) {
      await assertNetworkLink(context, asked.connectionId);
    }
    return settleIntegration(integration, context.lenient);
  },
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

/** WebSocket APIs take links to load balancers, which the v1 API makes; those of v2 are for HTTP APIs. */
async function assertNetworkLink(context: ControlContext, connectionId: string): Promise<void> {
  if (!(await findStored(context, vpcLinkDocuments, connectionId))) return;
  throw badRequest(
    `VPC link ${connectionId} is for APIs with a protocol type of HTTP. ` +
      'ConnectionId must be the id of a VPC link of apigateway, to a Network Load Balancer',
  );
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
