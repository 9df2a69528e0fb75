/** What API Gateway sends to a backend, as fetch calls. */

export interface GatewayCallOptions {
  readonly connectionId?: string | undefined;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const idHeader = (connectionId: string | undefined): Record<string, string> =>
  connectionId === undefined ? {} : { connectionId };

export function connect(base: string, options: GatewayCallOptions): Promise<Response> {
  const query = options.token === undefined ? '' : `?token=${encodeURIComponent(options.token)}`;
  return fetch(`${base}/ws/connect${query}`, {
    method: 'POST',
    headers: { ...idHeader(options.connectionId), ...options.headers },
  });
}

export function disconnect(base: string, options: GatewayCallOptions): Promise<Response> {
  return fetch(`${base}/ws/disconnect`, {
    method: 'POST',
    headers: { ...idHeader(options.connectionId), ...options.headers },
  });
}

/** A message; an object is sent as JSON. */
export function message(
  base: string,
  connectionId: string | undefined,
  body: object | string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<Response> {
  return fetch(`${base}/ws/message`, {
    method: 'POST',
    headers: { ...idHeader(connectionId), ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}
