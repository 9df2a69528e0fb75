import type { ApiDocument } from './api-document.ts';
import { isIdentitySource } from './expressions.ts';
import type { FieldTable } from './field.ts';
import { roleArn } from './integration.ts';
import { isAwsUri, isHttpIntegrationUri } from './integration-rules.ts';
import { badRequest, conflict } from './problems.ts';

/** A Lambda function, or an HTTP endpoint where the gateway takes those, that decides at `$connect` who may come in. */
export interface Authorizer {
  readonly authorizerId: string;
  readonly name: string;
  /** JWT authorizers belong to HTTP APIs: lenient mode keeps them, nothing asks them. */
  readonly authorizerType: 'REQUEST' | 'JWT';
  readonly authorizerUri?: string;
  readonly authorizerCredentialsArn?: string;
  /** What a handshake must carry before the function is asked, in any order. Absent: nothing. */
  readonly identitySource?: readonly string[];
  /** Kept and shown. WebSocket APIs ask the function at every `$connect` and cache nothing. */
  readonly authorizerResultTtlInSeconds?: number;
  readonly identityValidationExpression?: string;
  readonly authorizerPayloadFormatVersion?: unknown;
  readonly enableSimpleResponses?: unknown;
  readonly jwtConfiguration?: unknown;
}

const onlyRequest = 'Only REQUEST authorizer type is supported on WEBSOCKET protocol Apis.';
const missingUri = 'AuthorizerUri is a required field in an Authorizer';
const invalidTtl =
  'Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds.';

export const authorizerFields: FieldTable<Authorizer> = {
  noun: 'Authorizer',
  fields: [
    {
      name: 'authorizerType',
      kind: 'text',
      oneOf: ['REQUEST', 'JWT'],
      required: onlyRequest,
      otherwise: () => onlyRequest,
    },
    {
      name: 'name',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      required: 'Authorizer name is required',
    },
    { name: 'authorizerUri', kind: 'text', isClearable: true },
    { name: 'authorizerCredentialsArn', ...roleArn },
    { name: 'identitySource', kind: 'list', of: { kind: 'text' } },
    {
      name: 'authorizerResultTtlInSeconds',
      kind: 'number',
      isWhole: true,
      min: 0,
      max: 3600,
      otherwise: () => invalidTtl,
    },
    { name: 'identityValidationExpression', kind: 'text', isClearable: true },
    {
      name: 'authorizerPayloadFormatVersion',
      kind: 'json',
      httpOnly: 'AuthorizerPayloadFormatVersion',
    },
    { name: 'enableSimpleResponses', kind: 'json', httpOnly: 'EnableSimpleResponses' },
    { name: 'jwtConfiguration', kind: 'json', httpOnly: 'JwtConfiguration' },
  ],
  given: ['authorizerId'],
};

export interface AuthorizerRules {
  readonly lenient: boolean;
  /** Beyond AWS: `authorizerUri` may be an http or https URL. */
  readonly httpAuthorizers: boolean;
}

/** The rules over a whole authorizer. An empty list of sources is kept as none. */
export function settleAuthorizer(draft: Authorizer, rules: AuthorizerRules): Authorizer {
  if (!rules.lenient) assertComplete(draft, rules);
  const { identitySource, ...authorizer } = draft;
  return identitySource?.length ? draft : authorizer;
}

/** Whether an authorizer is an HTTP endpoint: ours alone, AWS knows functions. */
export const isHttpUri = (uri: string) => /^https?:\/\//i.test(uri);

function assertComplete(authorizer: Authorizer, { httpAuthorizers }: AuthorizerRules): void {
  const { authorizerType, authorizerUri: uri, identitySource = [] } = authorizer;
  if (authorizerType !== 'REQUEST') throw badRequest(onlyRequest);
  if (uri === undefined) throw badRequest(missingUri);
  const isEndpoint = httpAuthorizers && isHttpUri(uri) && isHttpIntegrationUri(uri);
  if (!isAwsUri(uri) && !isEndpoint) {
    throw badRequest(
      `Invalid Authorizer URI: ${uri}. Authorizer URI should be a valid API Gateway ARN that ` +
        'represents a Lambda function invocation.',
    );
  }
  const wrong = identitySource.find((source) => !isIdentitySource(source));
  if (wrong !== undefined) {
    throw badRequest(`Invalid request identity source expression: ${wrong}`);
  }
  if (authorizer.authorizerResultTtlInSeconds && identitySource.length === 0) {
    throw badRequest(
      'Identity source must be set if authorizer caching is enabled (TTL is greater than 0)',
    );
  }
}

/** Throws while a route asks the authorizer. */
export function assertAuthorizerUnused(authorizer: Authorizer, document: ApiDocument): void {
  const { authorizerId, name } = authorizer;
  const route = Object.values(document.routes).find((each) => each.authorizerId === authorizerId);
  if (!route) return;
  throw conflict(`Cannot delete authorizer '${name}', is referenced in route: ${route.routeKey}`);
}
