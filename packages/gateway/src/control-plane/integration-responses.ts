import type { ApiDocument } from '../resources/api-document.ts';
import {
  type IntegrationResponse,
  integrationResponseFields,
  settleIntegrationResponse,
} from '../resources/integration-response.ts';
import { own } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { freshId } from './fresh-id.ts';
import { findIntegration } from './integrations.ts';
import type { Operation } from './operation.ts';

const kind: ChildKind<ApiDocument, IntegrationResponse> = {
  documents: apiDocuments,
  collection: 'integrationResponses',
  table: integrationResponseFields,
  path: '/v2/apis/{apiId}/integrations/{integrationId}/integrationresponses',
  id: 'integrationResponseId',
  countMax: limits.integrationResponsesPerApiMax,
  assertParent: ({ params }, document) => void findIntegration(document, params.integrationId!),
  isMember: ({ params }, response) => response.integrationId === params.integrationId,
  start: async ({ context, params }, document) => ({
    integrationResponseId: await freshId(context, 7, (id) =>
      Boolean(own(document.integrationResponses, id)),
    ),
    integrationId: params.integrationId!,
  }),
  settle: (response, { document, context }) =>
    settleIntegrationResponse(response, document, context.lenient),
};

export const integrationResponseOperations: Operation[] = childOperations(kind);
