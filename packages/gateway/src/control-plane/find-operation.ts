/** From method and path to an operation: the whole of the control plane's routing. */
import type { Dictionary } from '../resources/record.ts';
import { matchPath } from '../wire/path-template.ts';

/** What a row needs to be found. */
export interface Row {
  readonly method: string;
  readonly path: string;
}

export interface Found<R extends Row> {
  readonly row: R;
  readonly params: Dictionary<string>;
  /** The path in one spelling, without `/v2`: what policies name, such as `/apis/abc/routes`. */
  readonly canonicalPath: string;
}

/**
 * The row for `method` and the raw `path`; `undefined` when there is none. Segments are decoded after
 * splitting, so an encoded slash stays inside its segment. One trailing slash is as good as none.
 */
export function findOperation<R extends Row>(
  rows: readonly R[],
  method: string,
  path: string,
): Found<R> | undefined {
  const segments = decodeSegments(path);
  if (!segments) return undefined;
  const found = findSegments(rows, method, segments);
  if (found || segments.at(-1) !== '') return found;
  return findSegments(rows, method, segments.slice(0, -1));
}

function findSegments<R extends Row>(
  rows: readonly R[],
  method: string,
  segments: readonly string[],
): Found<R> | undefined {
  for (const row of rows) {
    const params = row.method === method ? matchPath(row.path, segments) : undefined;
    const rest = segments.slice(segments[1] === 'v2' ? 2 : 1);
    if (params) return { row, params, canonicalPath: canonical(rest) };
  }
  return undefined;
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const canonical = (segments: readonly string[]) =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
