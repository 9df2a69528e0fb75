/** An API as the aws CLI's commands that make it again. Ids of the answers go into shell variables. */
import type { Api, Integration, Route, Stage } from '../gateway/types.ts';
import { quoted } from './push-samples.ts';

export interface WholeApi {
  readonly api: Api;
  readonly routes: readonly Route[];
  readonly integrations: readonly Integration[];
  readonly stages: readonly Stage[];
}

export function awsCommands({ api, routes, integrations, stages }: WholeApi): string {
  const variables = new Map(
    integrations.map(({ integrationId }, index) => [integrationId, `INTEGRATION_${index + 1}`]),
  );
  const parts = [
    `# For the gateway add: --endpoint-url ${location.origin}`,
    `API_ID=$(${createApi(api)})`,
    ...integrations.map((one) => `${variables.get(one.integrationId)}=$(${integrationText(one)})`),
    ...routes.map((route) => routeText(route, variables)),
    ...stages.map(
      ({ stageName }) =>
        `aws apigatewayv2 create-stage --api-id "$API_ID" --stage-name ${quoted(stageName)}`,
    ),
    ...stages.map(
      ({ stageName }) =>
        `aws apigatewayv2 create-deployment --api-id "$API_ID" --stage-name ${quoted(stageName)}`,
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function createApi({ name, protocolType, routeSelectionExpression }: Api): string {
  return command('create-api', [
    ['name', quoted(name)],
    ['protocol-type', protocolType],
    ['route-selection-expression', quoted(routeSelectionExpression)],
    ['query', 'ApiId'],
    ['output', 'text'],
  ]);
}

function integrationText(one: Integration): string {
  return command('create-integration', [
    ['api-id', '"$API_ID"'],
    ['integration-type', one.integrationType],
    ['integration-method', one.integrationMethod],
    ['integration-uri', one.integrationUri && quoted(one.integrationUri)],
    [
      'timeout-in-millis',
      one.timeoutInMillis === undefined ? undefined : String(one.timeoutInMillis),
    ],
    ['passthrough-behavior', one.passthroughBehavior],
    ['content-handling-strategy', one.contentHandlingStrategy],
    ['request-parameters', json(one.requestParameters)],
    ['request-templates', json(one.requestTemplates)],
    ['query', 'IntegrationId'],
    ['output', 'text'],
  ]);
}

function routeText(route: Route, variables: ReadonlyMap<string, string>): string {
  const id = route.target?.split('/')[1];
  const variable = id && variables.get(id);
  return command('create-route', [
    ['api-id', '"$API_ID"'],
    ['route-key', quoted(route.routeKey)],
    ['target', variable && `"integrations/$${variable}"`],
    ['authorization-type', route.authorizationType === 'NONE' ? '' : route.authorizationType],
    ['route-response-selection-expression', text(route.routeResponseSelectionExpression)],
    ['model-selection-expression', text(route.modelSelectionExpression)],
    ['api-key-required', route.apiKeyRequired ? '' : undefined, true],
  ]);
}

type Option = readonly [name: string, value: string | undefined, isSwitch?: boolean];

function command(name: string, options: readonly Option[]): string {
  const shown = options.filter(([, value, isSwitch]) => value || (isSwitch && value !== undefined));
  const words = shown.map(([option, value]) => `--${option}${value ? ` ${value}` : ''}`);
  return [`aws apigatewayv2 ${name}`, ...words].join(' \\\n    ');
}

const text = (value: string | undefined) => value && quoted(value);

function json(value: Readonly<Record<string, string>> | undefined): string | undefined {
  return value && Object.keys(value).length > 0 ? quoted(JSON.stringify(value)) : undefined;
}
