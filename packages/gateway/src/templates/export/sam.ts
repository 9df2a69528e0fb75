import type { ApiDocument } from '../../resources/api-document.ts';
import type { Dictionary } from '../../resources/record.ts';
import { apiResources, type ExportedResource } from './api-resources.ts';
import { templateText } from './yaml-text.ts';

/**
 * An API as a SAM template, in YAML: one `AWS::Serverless::WebSocketApi` where that says all of it, and
 * otherwise the resources of CloudFormation, which SAM takes as they are.
 */
export function exportSam(document: ApiDocument): string {
  const resources = webSocketApi(document) ?? apiResources(document);
  return templateText({
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description: `The WebSocket API ${document.api.name}`,
    Resources: resources,
    Outputs: { ApiId: { Value: { Ref: 'Api' } } },
  });
}

const CREATED_BY = 'websocketapi:createdBy';
const INVOCATION =
  /^arn:[\w-]+:apigateway:([\w-]+):lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;

/** `undefined` where SAM would make something else of it. */
function webSocketApi(document: ApiDocument): Dictionary<unknown> | undefined {
  const { api, stages, models, authorizers, integrationResponses } = document;
  const [stage, ...moreStages] = Object.values(stages);
  const isMadeBySam = api.tags[CREATED_BY] === 'SAM' && stage?.tags[CREATED_BY] === 'SAM';
  const isWhole = stage?.autoDeploy === true && moreStages.length === 0;
  const others = [models, authorizers, integrationResponses].flatMap((each) => Object.keys(each));
  if (!isMadeBySam || !isWhole || others.length > 0) return undefined;
  const resources = apiResources(document);
  const byType = (noun: string) =>
    Object.values(resources).filter(({ Type }) => Type === `AWS::ApiGatewayV2::${noun}`);
  const routes: Record<string, unknown> = {};
  for (const route of byType('Route')) {
    const spec = routeSpec(document, route);
    if (!spec) return undefined;
    routes[String(route.Properties.RouteKey)] = spec;
  }
  const twoWay = Object.values(routes).filter(
    (route) => (route as Dictionary<unknown>).RouteResponseSelectionExpression,
  );
  if (twoWay.length !== byType('RouteResponse').length) return undefined;
  if (byType('Integration').length !== Object.keys(routes).length) return undefined;
  const { ApiId: _, AutoDeploy: __, Tags: ___, ...ofStage } = byType('Stage')[0]!.Properties;
  const { ProtocolType: ____, Tags, ...ofApi } = resources.Api!.Properties;
  const { [CREATED_BY]: _____, ...tags } = (Tags ?? {}) as Dictionary<unknown>;
  return {
    Api: {
      Type: 'AWS::Serverless::WebSocketApi',
      Properties: {
        ...ofApi,
        ...ofStage,
        ...(Object.keys(tags).length > 0 && { Tags: tags }),
        Routes: routes,
      },
    },
  };
}

/** What a route and its integration come to, when both are as SAM would make them. */
function routeSpec(
  { routes, integrations }: ApiDocument,
  { Properties }: ExportedResource,
): Dictionary<unknown> | undefined {
  const { ApiId: _, RouteKey, Target: __, AuthorizationType, ...rest } = Properties;
  const route = Object.values(routes).find(({ routeKey }) => routeKey === RouteKey);
  const integration = integrations[route?.target?.slice('integrations/'.length) ?? ''];
  const called = INVOCATION.exec(integration?.integrationUri ?? '')?.[2];
  const isPlain =
    integration?.integrationType === 'AWS_PROXY' &&
    called !== undefined &&
    AuthorizationType === undefined &&
    integration.passthroughBehavior === 'WHEN_NO_MATCH' &&
    integration.contentHandlingStrategy === undefined &&
    integration.requestParameters === undefined &&
    integration.requestTemplates === undefined &&
    integration.credentialsArn === undefined &&
    integration.description === undefined;
  if (!isPlain || !/^(?:\$(?:connect|disconnect|default)|[A-Za-z0-9]+)$/.test(String(RouteKey))) {
    return undefined;
  }
  const { timeoutInMillis } = integration;
  return {
    FunctionArn: called,
    ...(timeoutInMillis !== 29_000 && { IntegrationTimeout: timeoutInMillis }),
    ...rest,
  };
}
