import { apiMappingOperations } from './api-mappings.ts';
import { apiOperations } from './apis.ts';
import { authorizerOperations } from './authorizers.ts';
import { deploymentOperations } from './deployments.ts';
import { domainNameOperations } from './domain-names.ts';
import { httpOnlyOperations } from './http-only.ts';
import { integrationResponseOperations } from './integration-responses.ts';
import { integrationOperations } from './integrations.ts';
import { modelOperations } from './models.ts';
import type { Operation } from './operation.ts';
import { routeResponseOperations } from './route-responses.ts';
import { routeOperations } from './routes.ts';
import { routingRuleOperations } from './routing-rules.ts';
import { stageOperations } from './stages.ts';
import { tagOperations } from './tags.ts';
import { v1Operations } from './v1/operations.ts';
import { vpcLinkOperations } from './vpc-links.ts';

/** Every operation, by method and path. */
export const operations: readonly Operation[] = [
  ...apiOperations,
  ...routeOperations,
  ...routeResponseOperations,
  ...integrationOperations,
  ...integrationResponseOperations,
  ...modelOperations,
  ...authorizerOperations,
  ...deploymentOperations,
  ...stageOperations,
  ...tagOperations,
  ...domainNameOperations,
  ...apiMappingOperations,
  ...routingRuleOperations,
  ...vpcLinkOperations,
  ...httpOnlyOperations,
  ...v1Operations,
];
