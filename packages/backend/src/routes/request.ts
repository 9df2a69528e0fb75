/** HTTP as this package sees it, whichever framework is around it. */

/** A request from the gateway, or one to the debug endpoints. */
export interface BackendRequest {
  readonly method: string;
  /** Path and query as on the request line: `/ws/connect?token=abc`. */
  readonly url: string;
  /** The same with the mount path before it, where there is one: signatures cover it. */
  readonly originalUrl?: string | undefined;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Read only when the path is one of the backend's. A Node or web stream is one of these. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string> | null | undefined;
}

export interface BackendResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What the functions of the options see of a request. */
export interface RequestDetails {
  /** By lower-case name; repeated ones joined with a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The last value where a parameter is repeated, as in API Gateway's own events. */
  readonly query: Readonly<Record<string, string | undefined>>;
}

export function pathOf(request: BackendRequest): string {
  const question = request.url.indexOf('?');
  return question === -1 ? request.url : request.url.slice(0, question);
}

export function detailsOf(request: BackendRequest): RequestDetails {
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined) continue;
    headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  const query: Record<string, string | undefined> = Object.create(null);
  const question = request.url.indexOf('?');
  if (question !== -1) {
    for (const [name, value] of new URLSearchParams(request.url.slice(question + 1))) {
      query[name] = value;
    }
  }
  return { headers, query };
}

/** An answer with a JSON body. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): BackendResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}
