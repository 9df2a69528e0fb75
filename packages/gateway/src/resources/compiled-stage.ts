/**
 * A deployment made ready to run: one frozen object per stage, swapped whole when the stage changes.
 * Everything that configuration says is parsed here once; a message only looks things up.
 */
import {
  compileSelectionExpression,
  type SelectionExpression,
} from '../mapping/selection-expression.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { type CompiledAuthorization, compileAuthorization } from './compiled-authorization.ts';
import {
  brokenIntegration,
  type CompiledIntegration,
  compileIntegration,
} from './compiled-integration.ts';
import { type CompiledJwt, compileJwt } from './compiled-jwt.ts';
import { compileMonitoring, type Monitoring } from './compiled-monitoring.ts';
import type { DeploymentDocument, DeploymentSnapshot } from './deployment.ts';
import { compileMessageValidation, type MessageValidation } from './message-validation.ts';
import { compileOrigins, type OriginTest } from './origins.ts';
import { compileRateLimits, type RateLimit } from './rate-limit.ts';
import { own } from './record.ts';
import type { Route } from './route.ts';
import type { Stage } from './stage.ts';
import { readExtensions, type StageExtensions } from './stage-extensions.ts';

export interface CompiledStage {
  readonly apiId: string;
  readonly stageName: string;
  readonly deploymentId: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly disableExecuteApiEndpoint: boolean;
  /** By which https backends recognize the gateway. */
  readonly clientCertificate: StageCertificate | undefined;
  /** Where it differs from AWS, by the tags of the stage. */
  readonly extensions: StageExtensions;
  /** Absent where every page may connect, as on AWS. */
  readonly allowsOrigin: OriginTest | undefined;
  /** Absent where clients need show no token. */
  readonly jwt: CompiledJwt | undefined;
  /** What it writes and counts. */
  readonly monitoring: Monitoring;
  /** By route key, `$connect` included whether or not there is such a route. */
  readonly rateLimits: ReadonlyMap<string, RateLimit>;
  readonly routeSelection: SelectionExpression;
  /** Where the API key of a handshake is found: in `x-api-key`, or in what the authorizer said. */
  readonly apiKeySource: 'header' | 'authorizer';
  readonly connectRoute: CompiledRoute | undefined;
  readonly disconnectRoute: CompiledRoute | undefined;
  readonly defaultRoute: CompiledRoute | undefined;
  /** Custom routes by route key. `$connect` and `$disconnect` are not in it: no message reaches them. */
  readonly routes: ReadonlyMap<string, CompiledRoute>;
}

export interface StageCertificate {
  readonly id: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface CompiledRoute {
  readonly routeKey: string;
  /** Absent where the route has no target: `$connect` then accepts, a message fails. */
  readonly integration: CompiledIntegration | undefined;
  /** The integration's answer goes back to the client as a frame. */
  readonly twoWay: boolean;
  /** Names a handshake must carry, as `route.request.querystring.token`. */
  readonly requiredParameters: readonly RequiredParameter[];
  readonly authorization: CompiledAuthorization;
  /** Has an effect on `$connect` alone. */
  readonly apiKeyRequired: boolean;
  /** Absent where messages are not held against a model. */
  readonly validation: MessageValidation | undefined;
}

export interface RequiredParameter {
  readonly part: 'headers' | 'query';
  readonly name: string;
}

export function compileStage(
  stage: Stage,
  document: DeploymentDocument,
  certificate?: ClientCertificate,
): CompiledStage {
  const { snapshot, deployment } = document;
  const routes = new Map<string, CompiledRoute>();
  for (const route of Object.values(snapshot.routes)) {
    routes.set(route.routeKey, compileRoute(route, snapshot, stage.stageVariables));
  }
  const rateLimits = compileRateLimits(stage, new Set(['$connect', ...routes.keys()]));
  const take = (routeKey: string) => {
    const route = routes.get(routeKey);
    routes.delete(routeKey);
    return route;
  };
  const extensions = readExtensions(stage.tags);
  return Object.freeze({
    apiId: snapshot.api.apiId,
    stageName: stage.stageName,
    deploymentId: deployment.deploymentId,
    stageVariables: stage.stageVariables,
    disableExecuteApiEndpoint: snapshot.api.disableExecuteApiEndpoint,
    clientCertificate: certificate && {
      id: certificate.clientCertificateId,
      certificatePem: certificate.pemEncodedCertificate,
      privateKeyPem: certificate.privateKeyPem,
    },
    extensions,
    allowsOrigin:
      extensions.allowedOrigins.length > 0 ? compileOrigins(extensions.allowedOrigins) : undefined,
    jwt: compileJwt(extensions),
    monitoring: compileMonitoring(stage),
    rateLimits,
    apiKeySource: snapshot.api.apiKeySelectionExpression.startsWith('$context.authorizer')
      ? 'authorizer'
      : 'header',
    routeSelection: compileSelectionExpression(snapshot.api.routeSelectionExpression),
    connectRoute: take('$connect'),
    disconnectRoute: take('$disconnect'),
    defaultRoute: take('$default'),
    routes,
  });
}

function compileRoute(
  route: Route,
  snapshot: DeploymentSnapshot,
  stageVariables: Stage['stageVariables'],
): CompiledRoute {
  const integrationId = route.target?.replace(/^integrations\//, '');
  const integration =
    integrationId === undefined ? undefined : own(snapshot.integrations, integrationId);
  const hasResponse = Object.values(snapshot.routeResponses).some(
    (response) => response.routeId === route.routeId,
  );
  return Object.freeze({
    routeKey: route.routeKey,
    integration:
      integrationId === undefined
        ? undefined
        : integration === undefined
          ? brokenIntegration(integrationId, `the integration ${integrationId} does not exist`)
          : compileIntegration(integration, snapshot, stageVariables),
    twoWay: route.routeResponseSelectionExpression === '$default' && hasResponse,
    requiredParameters: requiredParameters(route),
    authorization: compileAuthorization(route, snapshot, stageVariables),
    apiKeyRequired: route.apiKeyRequired,
    validation: compileMessageValidation(route, snapshot),
  });
}

function requiredParameters(route: Route): RequiredParameter[] {
  return Object.entries(route.requestParameters ?? {}).flatMap(([key, { required }]) => {
    const match = /^route\.request\.(header|querystring)\.(.+)$/.exec(key);
    if (!required || !match) return [];
    return [{ part: match[1] === 'header' ? 'headers' : 'query', name: match[2]! } as const];
  });
}
