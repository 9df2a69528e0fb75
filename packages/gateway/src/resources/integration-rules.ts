/**
 * What holds for an integration as a whole, by its type: the fields it needs, the URI it may have and
 * the values AWS fills in.
 */
import type { Integration } from './integration.ts';
import { badRequest } from './problems.ts';

/** The integration with what its type adds. Throws for a combination AWS refuses (strict mode). */
export function settleIntegration(draft: Integration, lenient: boolean): Integration {
  if (!lenient) assertComplete(draft);
  return withTypeDefaults(draft);
}

/** The method AWS calls Lambda with, and the expression that reads a custom integration's answer. */
export function withTypeDefaults(draft: Integration): Integration {
  const { integrationResponseSelectionExpression: _, ...integration } = draft;
  const { integrationType: type, integrationUri = '', integrationMethod = 'POST' } = integration;
  const method = type === 'AWS' || type === 'AWS_PROXY' ? { integrationMethod } : {};
  if (type === 'AWS_PROXY' || type === 'HTTP_PROXY') return { ...integration, ...method };
  const selection =
    type === 'AWS' && integrationUri.includes(':lambda:')
      ? `\${integration.response.body.errorMessage}`
      : `\${integration.response.statuscode}`;
  return { ...integration, ...method, integrationResponseSelectionExpression: selection };
}

function assertComplete(integration: Integration): void {
  const { integrationType: type, integrationUri: uri } = integration;
  if ((type === 'HTTP' || type === 'HTTP_PROXY') && integration.integrationMethod === undefined) {
    const word = type.replace('_', '');
    throw badRequest(`HttpMethod parameter method must be specified for integrationType ${word}`);
  }
  if (integration.connectionType === 'VPC_LINK' && integration.connectionId === undefined) {
    throw badRequest('ConnectionId must be set to vpcLinkId for ConnectionType VPC_LINK');
  }
  if (type !== 'MOCK') assertUri(type, uri ?? '');
}

const PORT_VARIABLE = /:\$\{stageVariables\.[A-Za-z0-9_]+\}(?=[/?#]|$)/g;
const STAGE_VARIABLE = /\$\{stageVariables\.[A-Za-z0-9_]+\}/g;
const PLACE = /\{[A-Za-z0-9._$+-]+\}/g;
const AWS_ARN = /^arn:[a-z-]+:apigateway:[a-z0-9-]+:[^:]+:(?:path|action)\/.+$/;
const LAMBDA_ARN = /^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[^\s]+$/;

function assertUri(type: Integration['integrationType'], uri: string): void {
  if (type === 'HTTP' || type === 'HTTP_PROXY') {
    if (!isHttpIntegrationUri(uri)) throw badRequest('Invalid integration URI specified');
    return;
  }
  if (isAwsUri(uri)) return;
  throw badRequest(
    uri.startsWith('arn:')
      ? 'AWS ARN for integration must contain path or action'
      : 'Invalid integration URI specified',
  );
}

/** Whether it is an http or https URL, stage variables and `{name}` places left open. */
export function isHttpIntegrationUri(uri: string): boolean {
  const filled = fill(uri);
  const isUrl = startsOpen(uri) || (/^https?:\/\/[^/?#]/i.test(filled) && URL.canParse(filled));
  return isUrl && !/[\s\p{Cc}{}]/u.test(filled);
}

/** Whether it names an AWS service as API Gateway writes it, or a Lambda function by its own ARN. */
export function isAwsUri(uri: string): boolean {
  const filled = fill(uri);
  return startsOpen(uri) || AWS_ARN.test(filled) || LAMBDA_ARN.test(filled);
}

/** Stage variables and `{name}` places are filled later: here they count as any port or word. */
function fill(uri: string): string {
  return uri
    .replace(PORT_VARIABLE, ':1')
    .replace(STAGE_VARIABLE, 'variable')
    .replace(PLACE, 'place');
}

function startsOpen(uri: string): boolean {
  return uri.startsWith(`\${stageVariables.`);
}
