/** What a stage asks of a client's JSON Web Token, made ready from its settings. */
import type { HandshakeParameters } from '../mapping/scope.ts';
import type { StageExtensions } from './stage-extensions.ts';

export interface CompiledJwt {
  readonly issuer: string;
  /** One of them must be among the token's. */
  readonly audience: readonly string[];
  /** Where the keys are: a URL, or a file below the gateway's folder. */
  readonly keys: string;
  /** Asked in turn; the first that finds a token counts. */
  readonly sources: readonly TokenSource[];
  /** Names of the claims that events are told; absent: all. */
  readonly claims: ReadonlySet<string> | undefined;
  /** Why nobody can be asked, and so nobody comes in. */
  readonly problem: string | undefined;
}

export interface TokenSource {
  /** Such as `route.request.header.Authorization`. */
  readonly text: string;
  find(handshake: HandshakeParameters): FoundToken | undefined;
}

export interface FoundToken {
  readonly token: string;
  /** The sub-protocol the token was announced with, which the client expects to be chosen. */
  readonly protocol?: string;
}

const DEFAULT_SOURCES = ['route.request.header.Authorization'];

/** `undefined` where the stage asks for no token. */
export function compileJwt(extensions: StageExtensions): CompiledJwt | undefined {
  const { jwtIssuer, jwtAudience, jwtKeys, jwtSource, jwtClaims } = extensions;
  const needed = { jwtIssuer, jwtAudience, jwtKeys };
  const missing = Object.entries(needed).flatMap(([name, value]) =>
    value.length === 0 ? [name] : [],
  );
  // Of half a configuration nobody can say whom it means to let in.
  if (missing.length === Object.keys(needed).length) return undefined;
  const sources = jwtSource.length > 0 ? jwtSource : DEFAULT_SOURCES;
  return Object.freeze({
    issuer: jwtIssuer,
    audience: jwtAudience,
    keys: jwtKeys,
    sources: sources.map(compileSource),
    claims: jwtClaims.length > 0 ? new Set(jwtClaims) : undefined,
    problem: missing.length > 0 ? `the stage has no ${missing.join(' and no ')}` : undefined,
  });
}

function compileSource(text: string): TokenSource {
  const [kind = '', name = ''] = split(text);
  switch (kind) {
    case 'protocol':
      return { text, find: ({ headers }) => announced(headers, name) };
    case 'route.request.querystring':
      return { text, find: ({ query }) => found(query.get(name)?.at(-1)) };
    default:
      return {
        text,
        find: ({ headers }) => found(header(headers, name)?.replace(/^bearer +/i, '')),
      };
  }
}

const split = (text: string) =>
  /^(protocol|route\.request\.(?:header|querystring))\.(.+)$/.exec(text)?.slice(1) ?? [];

const found = (token: string | undefined) => (token ? { token } : undefined);

/** Clients differ in how they spell a header, and HTTP does not. */
function header(headers: HandshakeParameters['headers'], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return [...headers].find(([given]) => given.toLowerCase() === wanted)?.[1].at(-1);
}

/** Browsers can set no header but the list of sub-protocols: `new WebSocket(url, ['bearer', token])`. */
function announced(
  headers: HandshakeParameters['headers'],
  protocol: string,
): FoundToken | undefined {
  const offered = [...headers]
    .filter(([given]) => given.toLowerCase() === 'sec-websocket-protocol')
    .flatMap(([, values]) => values)
    .flatMap((value) => value.split(','))
    .map((entry) => entry.trim());
  const at = offered.indexOf(protocol);
  const token = at < 0 ? undefined : offered[at + 1];
  return token ? { token, protocol } : undefined;
}
