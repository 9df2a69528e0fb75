import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from './cleanup.ts';
import { eventually } from './eventually.ts';

export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly connectionId: string | undefined;
  readonly body: string;
  /** What it was answered. */
  readonly status: number;
}

export interface Backend {
  readonly url: string;
  readonly calls: readonly Call[];
  /** The first call to this path that fits and has not been taken yet. */
  next(path: string, fits?: (call: Call) => boolean): Promise<Call>;
}

/**
 * The smallest backend the guide allows: it refuses a call without connectionId with the guide's
 * own words, and a connection whose token is not `good` with 401.
 */
export async function startBackend(cleanup: Cleanup): Promise<Backend> {
  const calls: Call[] = [];
  const taken = new Set<Call>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname: path, searchParams: query } = new URL(request.url!, 'http://backend');
    const connectionId = request.headers.connectionid as string | undefined;
    const [status, message] = answer(path, query, connectionId);
    calls.push({ path, query, connectionId, body: Buffer.concat(chunks).toString(), status });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    next: (path, fits = () => true) =>
      eventually(`a call of ${path}`, () => {
        const call = calls.find((one) => one.path === path && !taken.has(one) && fits(one));
        if (call) taken.add(call);
        return call;
      }),
  };
}

function answer(path: string, query: URLSearchParams, id: string | undefined): [number, string] {
  if (!id) return [400, 'connectionId header missing'];
  if (path === '/ws/connect' && query.get('token') !== 'good') return [401, 'Unauthorized'];
  return [200, 'ok'];
}
