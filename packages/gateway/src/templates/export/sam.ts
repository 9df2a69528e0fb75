import { isDeepStrictEqual } from 'node:util';
import type { ApiDocument } from '../../resources/api-document.ts';
import { type Dictionary, without } from '../../resources/record.ts';
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
  const { api, stages, models, integrationResponses } = document;
  const [stage, ...moreStages] = Object.values(stages);
  const isMadeBySam = api.tags[CREATED_BY] === 'SAM' && stage?.tags[CREATED_BY] === 'SAM';
  const isWhole = stage?.autoDeploy === true && moreStages.length === 0;
  const others = [models, integrationResponses].flatMap((each) => Object.keys(each));
  const auth = authOf(document);
  if (!isMadeBySam || !isWhole || others.length > 0 || !auth) return undefined;
  const resources = apiResources(document);
  const byType = (noun: string) =>
    Object.values(resources).filter(({ Type }) => Type === `AWS::ApiGatewayV2::${noun}`);
  const routes: Record<string, unknown> = {};
  for (const route of byType('Route')) {
    const spec = routeSpec(document, route);
    if (!spec) return undefined;
    routes[String(route.Properties.RouteKey)] = spec;
  }
  if (!haveMatchingResponses(document)) return undefined;
  if (byType('Integration').length !== Object.keys(routes).length) return undefined;
  const { ApiId: _, AutoDeploy: __, Tags: stageTags, ...ofStage } = byType('Stage')[0]!.Properties;
  const { ProtocolType: ___, Tags: apiTags, ...ofApi } = resources.Api!.Properties;
  const [tags, own] = [apiTags, stageTags].map((each = {}) =>
    without(each as Dictionary<unknown>, CREATED_BY),
  );
  const isPropagated = Object.keys(own!).length > 0;
  if (isPropagated && !isDeepStrictEqual(own, tags)) return undefined;
  return {
    Api: {
      Type: 'AWS::Serverless::WebSocketApi',
      Properties: {
        ...ofApi,
        ...ofStage,
        ...auth,
        ...(Object.keys(tags!).length > 0 && { Tags: tags }),
        ...(isPropagated && { PropagateTags: true }),
        Routes: routes,
      },
    },
  };
}

/** A plain response for every route that selects one, and no other. */
function haveMatchingResponses({ routes, routeResponses }: ApiDocument): boolean {
  const responses = Object.values(routeResponses);
  const answering = Object.values(routes)
    .filter(({ routeResponseSelectionExpression }) => routeResponseSelectionExpression)
    .map(({ routeId }) => routeId);
  const isPlain = responses.every(
    ({ modelSelectionExpression, responseModels, responseParameters }) =>
      !modelSelectionExpression && !responseModels && !responseParameters,
  );
  const ids = new Set(responses.map(({ routeId }) => routeId));
  return isPlain && ids.size === answering.length && answering.every((id) => ids.has(id));
}

/** `Auth` of the API, where it has one; `undefined` where SAM has no words for it. */
function authOf({ routes, authorizers }: ApiDocument): Dictionary<unknown> | undefined {
  const connect = Object.values(routes).find(({ routeKey }) => routeKey === '$connect');
  const [authorizer, ...more] = Object.values(authorizers);
  if (!authorizer) {
    const isSigned = connect?.authorizationType === 'AWS_IAM';
    return isSigned ? { Auth: { AuthType: 'AWS_IAM' } } : {};
  }
  const { authorizerId, authorizerUri, name, identitySource, authorizerCredentialsArn } =
    authorizer;
  const called = INVOCATION.exec(authorizerUri ?? '')?.[2];
  const isPlain =
    more.length === 0 &&
    connect?.authorizerId === authorizerId &&
    called !== undefined &&
    authorizer.authorizerResultTtlInSeconds === undefined &&
    authorizer.identityValidationExpression === undefined;
  if (!isPlain) return undefined;
  return {
    Auth: {
      AuthType: 'CUSTOM',
      AuthArn: called,
      Name: name,
      ...(identitySource && { IdentitySource: identitySource }),
      ...(authorizerCredentialsArn !== undefined && { InvokeRole: authorizerCredentialsArn }),
    },
  };
}

/** What a route and its integration come to, when both are as SAM would make them. */
function routeSpec(
  { routes, integrations }: ApiDocument,
  { Properties }: ExportedResource,
): Dictionary<unknown> | undefined {
  const { ApiId: _, RouteKey, Target: __, ...more } = Properties;
  const { AuthorizationType: ___, AuthorizerId: ____, ...rest } = more;
  const route = Object.values(routes).find(({ routeKey }) => routeKey === RouteKey);
  const integration = integrations[route?.target?.slice('integrations/'.length) ?? ''];
  const called = INVOCATION.exec(integration?.integrationUri ?? '')?.[2];
  const isPlain =
    integration?.integrationType === 'AWS_PROXY' &&
    called !== undefined &&
    (rest.RequestParameters === undefined || RouteKey === '$connect') &&
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
