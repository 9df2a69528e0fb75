/**
 * What a Lambda authorizer may return, and what comes of it (developer guide, "Output from an API
 * Gateway Lambda authorizer"; the refusals' texts as recorded from AWS).
 */

import { type CompiledPolicy, compilePolicy, evaluatePolicies } from '../iam/policy.ts';
import type { RequestContext } from '../iam/request-context.ts';
import { type Authorization, unauthorized } from './authorization.ts';

/** A policy of an authorizer names no longer resource (developer guide, quotas of authorizers). */
const RESOURCE_CHARACTERS_MAX = 512;
/** Larger results are refused. */
const RESULT_BYTES_MAX = 8 * 1024;

const DENIED =
  'User is not authorized to access this resource with an explicit deny in an identity-based policy';
const NOT_ALLOWED =
  'User is not authorized to access this resource because no identity-based policy allows the ' +
  'execute-api:Invoke action';

export interface AuthorizerRequest {
  /** ARN of the `$connect` route. */
  readonly methodArn: string;
  /** Of the handshake, for the policy to ask. */
  readonly conditions: () => RequestContext;
}

export function readAuthorizerResponse(payload: Buffer, request: AuthorizerRequest): Authorization {
  if (payload.length > RESULT_BYTES_MAX) {
    return malformed(`the result exceeds ${RESULT_BYTES_MAX} bytes`);
  }
  const result = parse(payload);
  if (!isObject(result)) return malformed('the result is no object');
  if ('isAuthorized' in result) return malformed('simple responses belong to HTTP APIs');
  const policy = policyOf(result.policyDocument);
  if (typeof policy === 'string') return malformed(policy);
  const context = contextOf(result.context);
  if (typeof context === 'string') return malformed(context);
  const decision = evaluatePolicies([policy], {
    action: 'execute-api:Invoke',
    resource: request.methodArn,
    context: policy.usesContext ? request.conditions() : {},
  });
  if (decision === 'explicitDeny') return deniedExplicitly('the authorizer denied');
  if (decision === 'implicitDeny') {
    const reason = `the policy does not allow ${request.methodArn}`;
    return unauthorized(403, NOT_ALLOWED, 'authorizer-allows-not', reason);
  }
  const { principalId, usageIdentifierKey } = result;
  return {
    kind: 'authorized',
    authorizer: {
      ...(principalId !== undefined &&
        principalId !== null && { principalId: String(principalId) }),
      ...context,
    },
    ...(typeof usageIdentifierKey === 'string' && { usageIdentifierKey }),
  };
}

export function deniedExplicitly(reason: string): Authorization {
  return unauthorized(403, DENIED, 'authorizer-denied', reason);
}

function malformed(reason: string): Authorization {
  return unauthorized(500, null, 'authorizer-malformed', `the authorizer's answer: ${reason}`);
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}

function policyOf(document: unknown): CompiledPolicy | string {
  try {
    const policy = compilePolicy(document);
    const isTooLong = resourcesOf(document).some((text) => text.length > RESOURCE_CHARACTERS_MAX);
    return isTooLong ? `a resource exceeds ${RESOURCE_CHARACTERS_MAX} characters` : policy;
  } catch (error) {
    return `policyDocument: ${(error as Error).message}`;
  }
}

/** Of a document that compiled. */
function resourcesOf(document: unknown): readonly string[] {
  const { Statement } = document as { readonly Statement: unknown };
  return [Statement].flat().flatMap((statement) => {
    const { Resource, NotResource } = statement as Record<string, string | string[] | undefined>;
    return [Resource ?? [], NotResource ?? []].flat();
  });
}

/** Values become text; a list or an object among them spoils the whole. */
function contextOf(context: unknown): Record<string, string> | string {
  if (context === undefined || context === null) return {};
  if (!isObject(context)) return 'context is no object';
  const values = Object.entries(context).filter(([, value]) => value !== null);
  const nested = values.find(([, value]) => typeof value === 'object');
  if (nested) return `context.${nested[0]} is no string, number or boolean`;
  return Object.fromEntries(values.map(([name, value]) => [name, String(value)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
