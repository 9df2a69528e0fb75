/**
 * An integration made ready to run: its URI filled, its mappings, expressions and templates parsed.
 * What cannot be parsed becomes a broken integration, which answers every event the way AWS answers a
 * configuration error.
 */
import { compileParameterMappings, type ParameterMapping } from '../mapping/parameter-mapping.ts';
import { compileUri, fillStageVariables, type UriTemplate } from '../mapping/uri-template.ts';
import type { DeploymentSnapshot } from './deployment.ts';
import { type FunctionReference, parseFunctionUri } from './function-reference.ts';
import type { Integration } from './integration.ts';
import { compileRequestMapping, type RequestMapping } from './request-mapping.ts';
import { compileResponseMapping, type ResponseMapping } from './response-mapping.ts';
import { parseServiceUri, type ServiceReference } from './service-reference.ts';
import type { Stage } from './stage.ts';

export type CompiledIntegration =
  | HttpProxyIntegration
  | HttpIntegration
  | LambdaProxyIntegration
  | LambdaIntegration
  | ServiceIntegration
  | MockIntegration
  | BrokenIntegration;

interface Running {
  readonly integrationId: string;
  readonly timeoutMillis: number;
}

interface HttpCallIntegration extends Running {
  readonly method: string;
  readonly uri: UriTemplate;
  readonly parameters: readonly ParameterMapping[];
}

export interface HttpProxyIntegration extends HttpCallIntegration {
  readonly kind: 'HTTP_PROXY';
  /** The message's text is base64 of what the backend is to receive. */
  readonly toBinary: boolean;
}

/** What the custom types share: templates on the way in and on the way out. */
interface Templated {
  readonly request: RequestMapping;
  readonly response: ResponseMapping;
}

export interface HttpIntegration extends HttpCallIntegration, Templated {
  readonly kind: 'HTTP';
}

export interface LambdaProxyIntegration extends Running {
  readonly kind: 'AWS_PROXY';
  readonly function: FunctionReference;
  /** The event says that its body is base64. */
  readonly toBinary: boolean;
}

/** Type AWS with a function behind it. */
export interface LambdaIntegration extends Running, Templated {
  readonly kind: 'AWS_LAMBDA';
  readonly function: FunctionReference;
  readonly parameters: readonly ParameterMapping[];
}

/** Type AWS with any other service behind it. */
export interface ServiceIntegration extends Running, Templated {
  readonly kind: 'AWS_SERVICE';
  readonly method: string;
  readonly service: ServiceReference;
  readonly parameters: readonly ParameterMapping[];
}

export interface MockIntegration extends Running, Templated {
  readonly kind: 'MOCK';
}

/** Configured in a way that cannot run; every event answers `Internal server error`, as on AWS. */
export interface BrokenIntegration {
  readonly kind: 'broken';
  readonly integrationId: string;
  readonly reason: string;
}

type Variables = Stage['stageVariables'];

/** A signed call is the gateway's own: nobody else says who calls, and when. */
const SIGNED_HEADERS = ['authorization', 'x-amz-date', 'x-amz-security-token'];

export function compileIntegration(
  integration: Integration,
  snapshot: DeploymentSnapshot,
  variables: Variables,
): CompiledIntegration {
  try {
    return Object.freeze(compile(integration, snapshot, variables));
  } catch (error) {
    return brokenIntegration(integration.integrationId, (error as Error).message);
  }
}

export function brokenIntegration(integrationId: string, reason: string): BrokenIntegration {
  return Object.freeze({ kind: 'broken', integrationId, reason });
}

function compile(
  integration: Integration,
  snapshot: DeploymentSnapshot,
  variables: Variables,
): CompiledIntegration {
  const { integrationId, integrationType, integrationUri = '' } = integration;
  const running: Running = { integrationId, timeoutMillis: integration.timeoutInMillis };
  const parameters = compileParameterMappings(
    integration.requestParameters ?? {},
    integrationType === 'AWS' ? SIGNED_HEADERS : [],
  );
  const toBinary = integration.contentHandlingStrategy === 'CONVERT_TO_BINARY';
  const templated = (): Templated => ({
    request: compileRequestMapping(integration),
    response: compileResponseMapping(integration, snapshot),
  });
  // ANY means "the request's own method"; a message has none, and AWS sends POST.
  const { integrationMethod = 'POST' } = integration;
  const method = integrationMethod === 'ANY' ? 'POST' : integrationMethod;
  switch (integrationType) {
    case 'HTTP_PROXY': {
      const uri = compileUri(integrationUri, variables);
      return { kind: 'HTTP_PROXY', ...running, method, uri, parameters, toBinary };
    }
    case 'HTTP': {
      const uri = compileUri(integrationUri, variables);
      return { kind: 'HTTP', ...running, method, uri, parameters, ...templated() };
    }
    case 'AWS_PROXY': {
      const called = parseFunctionUri(fillStageVariables(integrationUri, variables));
      if (!called) throw new Error(`"${integrationUri}" names no Lambda function`);
      return { kind: 'AWS_PROXY', ...running, function: called, toBinary };
    }
    case 'AWS': {
      const filled = fillStageVariables(integrationUri, variables);
      const called = parseFunctionUri(filled);
      if (called) {
        return { kind: 'AWS_LAMBDA', ...running, function: called, parameters, ...templated() };
      }
      const service = parseServiceUri(filled);
      return { kind: 'AWS_SERVICE', ...running, method, service, parameters, ...templated() };
    }
    case 'MOCK':
      return { kind: 'MOCK', ...running, ...templated() };
  }
}
