import { type HeaderList, headerValue } from './header-list.ts';
import { encodePath, normalizeQueryPart } from './uri-encoding.ts';

/**
 * The canonical request of Signature Version 4: the text whose hash both sides sign.
 * Rules: "Create a signed AWS API request" in the IAM user guide, for services other than S3.
 */
export interface CanonicalParts {
  readonly method: string;
  /** As on the wire, without the query. */
  readonly path: string;
  readonly canonicalQuery: string;
  readonly headers: HeaderList;
  /** Lower-case names, used literally and in this order. */
  readonly names: readonly string[];
  /** The same, joined with `;`. */
  readonly signedHeaders: string;
  readonly payloadHash: string;
}

/** Undefined when a header that is said to be signed was not sent. */
export function canonicalRequest(parts: CanonicalParts): string | undefined {
  let text = `${parts.method}\n${canonicalPath(parts.path)}\n${parts.canonicalQuery}\n`;
  for (const name of parts.names) {
    const value = headerValue(parts.headers, name);
    if (value === undefined) return undefined;
    text += `${name}:${value}\n`;
  }
  return `${text}\n${parts.signedHeaders}\n${parts.payloadHash}`;
}

/** Empty and dot segments are resolved first; then what the wire carries is encoded once more. */
export function canonicalPath(path: string): string {
  if (path === '') return '/';
  return encodePath(path.includes('//') || path.includes('/.') ? resolveSegments(path) : path);
}

/** Pairs in the one encoding that is signed, sorted by name and then value, less `omitted`. */
export function canonicalQuery(query: string, omitted?: string): string {
  if (query === '') return '';
  const pairs: { readonly name: string; readonly value: string }[] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = normalizeQueryPart(equals < 0 ? pair : pair.slice(0, equals));
    if (name === omitted) continue;
    pairs.push({ name, value: equals < 0 ? '' : normalizeQueryPart(pair.slice(equals + 1)) });
  }
  pairs.sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
  return pairs.map(({ name, value }) => `${name}=${value}`).join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function resolveSegments(path: string): string {
  const resolved: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') resolved.pop();
    else if (segment !== '' && segment !== '.') resolved.push(segment);
  }
  const end = resolved.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${resolved.join('/')}${end}`;
}
