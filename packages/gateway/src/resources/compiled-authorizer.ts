import type { EventScope } from '../mapping/scope.ts';
import { readPath } from '../mapping/selection-expression.ts';
import { compileUri, fillStageVariables, type UriTemplate } from '../mapping/uri-template.ts';
import { type Authorizer, isHttpUri } from './authorizer.ts';
import { type FunctionReference, parseFunctionUri } from './function-reference.ts';

/** A REQUEST authorizer made ready to be asked. */
export interface CompiledAuthorizer {
  readonly authorizerId: string;
  readonly target: AuthorizerTarget;
  /** All must be present, or the function is not asked at all. */
  readonly identitySources: readonly IdentitySource[];
}

export type AuthorizerTarget =
  | { readonly kind: 'lambda'; readonly function: FunctionReference }
  /** Ours: an HTTP endpoint that is sent the event and answers as a function would. */
  | { readonly kind: 'http'; readonly uri: UriTemplate };

export interface IdentitySource {
  /** Such as `route.request.querystring.token`. */
  readonly text: string;
  isPresent(scope: EventScope): boolean;
}

/** Throws an error with a sentence where the authorizer cannot be asked. */
export function compileAuthorizer(
  { authorizerId, authorizerUri = '', identitySource = [] }: Authorizer,
  stageVariables: Readonly<Record<string, string>>,
): CompiledAuthorizer {
  return Object.freeze({
    authorizerId,
    target: compileTarget(authorizerUri, stageVariables),
    identitySources: identitySource.map(compileIdentitySource),
  });
}

function compileTarget(
  uri: string,
  stageVariables: Readonly<Record<string, string>>,
): AuthorizerTarget {
  const filled = fillStageVariables(uri, stageVariables);
  // It has to be written as a URL, which the control plane allows where the operator does: a stage
  // variable may fill it, and cannot turn a function into one.
  if (isHttpUri(uri)) return { kind: 'http', uri: compileUri(filled, {}) };
  const called = parseFunctionUri(filled);
  if (!called) throw new Error(`"${uri}" names no Lambda function`);
  return { kind: 'lambda', function: called };
}

/** Recorded from AWS: these two never count as present. */
const NEVER_PRESENT = new Set(['context.eventType', 'context.messageDirection']);

function compileIdentitySource(text: string): IdentitySource {
  const [, kind, name = ''] =
    /^(route\.request\.header|route\.request\.querystring|context|stageVariables)\.(.+)$/.exec(
      text,
    ) ?? [];
  switch (kind) {
    case 'route.request.header':
      // Clients differ in how they spell a header, and HTTP does not: any spelling counts.
      return { text, isPresent: ({ handshake }) => hasHeader(handshake?.headers, name) };
    case 'route.request.querystring':
      return { text, isPresent: ({ handshake }) => Boolean(handshake?.query.get(name)?.at(-1)) };
    case 'stageVariables':
      return { text, isPresent: (scope) => Boolean(readPath(scope.stageVariables, [name])) };
    case 'context': {
      const names = name.split('.');
      const isNever = NEVER_PRESENT.has(text);
      return { text, isPresent: (scope) => !isNever && Boolean(readPath(scope.context, names)) };
    }
    default:
      throw new Error(`"${text}" is not an identity source`);
  }
}

type Headers = NonNullable<EventScope['handshake']>['headers'];

function hasHeader(headers: Headers | undefined, name: string): boolean {
  const wanted = name.toLowerCase();
  return [...(headers ?? [])].some(
    ([header, values]) => header.toLowerCase() === wanted && Boolean(values.at(-1)),
  );
}
