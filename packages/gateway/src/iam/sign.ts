import { type CanonicalParts, canonicalQuery, canonicalRequest } from './canonical-request.ts';
import { headerValue, listHeaders } from './header-list.ts';
import { formatSigningDate } from './signing-date.ts';
import { deriveKey, rememberedKey, rememberKey, type SigningScope } from './signing-key.ts';
import { ALGORITHM, hashPayload, type SignedRequest, TERMINATOR } from './sigv4.ts';
import { encodeQueryPart } from './uri-encoding.ts';

/** Signature Version 4 for calls this process makes: in headers, or in a URL to hand on. */
export interface SigningOptions {
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** The signing name, such as `lambda` or `execute-api`. */
  readonly service: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The headers that go out with the request, beside those it already has. */
export interface SignatureHeaders {
  readonly Authorization: string;
  readonly 'X-Amz-Date': string;
  readonly 'X-Amz-Security-Token'?: string;
}

/** Headers that a proxy or the HTTP client itself may still change, so they are not signed. */
const UNSIGNED = new Set([
  'authorization',
  'cache-control',
  'connection',
  'expect',
  'from',
  'keep-alive',
  'max-forwards',
  'pragma',
  'proxy-authorization',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-amz-date',
  'x-amz-security-token',
  'x-amzn-trace-id',
]);

/**
 * Path and query are signed as given, so they must go out unchanged.
 * Throws when `request.rawHeaders` holds no `Host`: nothing may be signed without it.
 */
export function signRequest(request: SignedRequest, options: SigningOptions): SignatureHeaders {
  const { sessionToken } = options.credentials;
  const date = formatSigningDate(options.now);
  const added = sessionToken === undefined ? [] : ['x-amz-security-token', sessionToken];
  const headers = listHeaders([...signable(request.rawHeaders), 'x-amz-date', date, ...added]);
  if (!headers.names.includes('host')) throw new Error('rawHeaders must hold Host to be signed');
  const scope = scopeOf(date, options);
  const names = [...new Set(headers.names)].sort();
  const signedHeaders = names.join(';');
  const signature = signatureOf(options, date, {
    method: request.method,
    path: request.path,
    canonicalQuery: canonicalQuery(request.query),
    headers,
    names,
    signedHeaders,
    payloadHash: headerValue(headers, 'x-amz-content-sha256') ?? hashPayload(request.body),
  });
  return {
    Authorization:
      `${ALGORITHM} Credential=${credentialOf(options, scope)}, ` +
      `SignedHeaders=${signedHeaders}, Signature=${signature}`,
    'X-Amz-Date': date,
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
  };
}

/**
 * A URL that carries its own signature for `expiresSeconds` (at most 604800), as a browser's
 * WebSocket needs it. Any scheme: only host, path and query are signed.
 */
export function presignUrl(
  url: string,
  options: SigningOptions & { readonly expiresSeconds: number; readonly method?: string },
): string {
  const target = new URL(url);
  const { sessionToken } = options.credentials;
  const date = formatSigningDate(options.now);
  const parameters: [name: string, value: string][] = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', credentialOf(options, scopeOf(date, options))],
    ['X-Amz-Date', date],
    ['X-Amz-Expires', String(options.expiresSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
  ];
  if (sessionToken !== undefined) parameters.push(['X-Amz-Security-Token', sessionToken]);
  const added = parameters.map(([name, value]) => `${name}=${encodeQueryPart(value)}`).join('&');
  const query = canonicalQuery(`${target.search.slice(1)}&${added}`);
  const signature = signatureOf(options, date, {
    method: options.method ?? 'GET',
    path: target.pathname,
    canonicalQuery: query,
    headers: listHeaders(['host', target.host]),
    names: ['host'],
    signedHeaders: 'host',
    payloadHash: hashPayload(new Uint8Array()),
  });
  const place = `${target.protocol}//${target.host}${target.pathname}`;
  return `${place}?${query}&X-Amz-Signature=${signature}`;
}

function signatureOf(options: SigningOptions, date: string, parts: CanonicalParts): string {
  const { secretAccessKey } = options.credentials;
  const scope = scopeOf(date, options);
  const remembered = rememberedKey(secretAccessKey, scope);
  const key = remembered ?? deriveKey(secretAccessKey, scope);
  if (remembered === undefined) rememberKey(secretAccessKey, scope, key);
  // Every signed header is one of those listed, so the request is always complete.
  return key.sign(date, canonicalRequest(parts)!);
}

function signable(rawHeaders: readonly string[]): string[] {
  const { names, values } = listHeaders(rawHeaders);
  return names.flatMap((name, index) => (UNSIGNED.has(name) ? [] : [name, values[index]!]));
}

function scopeOf(date: string, options: SigningOptions): SigningScope {
  return { date: date.slice(0, 8), region: options.region, service: options.service };
}

function credentialOf(options: SigningOptions, scope: SigningScope): string {
  const { accessKeyId } = options.credentials;
  return `${accessKeyId}/${scope.date}/${scope.region}/${scope.service}/${TERMINATOR}`;
}
