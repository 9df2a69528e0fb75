import type { Operation } from '../operation.ts';
import { accountOperations } from './account.ts';
import { apiKeyOperations } from './api-keys.ts';
import { clientCertificateOperations } from './client-certificates.ts';
import { networkLinkOperations } from './network-links.ts';
import { v1TagOperations } from './tags.ts';
import { usageOperations } from './usage.ts';
import { usagePlanKeyOperations } from './usage-plan-keys.ts';
import { usagePlanOperations } from './usage-plans.ts';

/** What WebSocket APIs need of `apigateway`, the API before `apigatewayv2`. */
export const v1Operations: readonly Operation[] = [
  ...apiKeyOperations,
  ...usagePlanOperations,
  ...usagePlanKeyOperations,
  ...accountOperations,
  ...clientCertificateOperations,
  ...networkLinkOperations,
  ...v1TagOperations,
  ...usageOperations,
];
