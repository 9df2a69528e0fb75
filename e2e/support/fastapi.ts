import { join } from 'node:path';
import { awsEnvironment } from './aws-cli.ts';
import type { Cleanup } from './cleanup.ts';
import { startProcess } from './process.ts';
import { repository } from './repository.ts';
import { PYTHON } from './tools.ts';

const adminKey = 'admin-key-of-the-tests';

export interface ConnectionRecord {
  readonly user_id: string;
  readonly connection_id: string;
  readonly connected_at: string;
}

/** The FastAPI example under uvicorn, and what a test asks of it. */
export interface FastApiBackend {
  readonly url: string;
  /** What was written to its log. */
  readonly lines: readonly string[];
  /** A call of the application, signed in as a user. Gives its JSON. */
  as(user: string, method: string, path: string, body?: unknown): Promise<unknown>;
  /** A call of the debug endpoints. */
  debug(method: string, path: string): Promise<unknown>;
  connections(): Promise<readonly ConnectionRecord[]>;
}

export async function startFastApi(cleanup: Cleanup, endpointUrl: string): Promise<FastApiBackend> {
  const running = await startProcess(cleanup, {
    file: PYTHON,
    args: ['-m', 'uvicorn', 'main:app', '--host', '127.0.0.1', '--port', '0'],
    cwd: join(repository, 'examples/fastapi'),
    env: { ...awsEnvironment, APIGW_ENDPOINT: endpointUrl, ADMIN_KEY: adminKey },
    ready: /Uvicorn running on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  const url = running.ready[1]!;
  return { url, lines: running.lines, ...fastApiClient(url, adminKey) };
}

/** The same calls, for a backend that something else started. */
export function fastApiClient(
  url: string,
  adminKey: string,
): Pick<FastApiBackend, 'as' | 'debug' | 'connections'> {
  const call = async (method: string, path: string, headers: object, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return await response.json();
  };
  const debug = (method: string, path: string) => call(method, path, { 'x-admin-key': adminKey });
  return {
    as: (user, method, path, body) =>
      call(method, path, { authorization: `Bearer token-of-${user}` }, body),
    debug,
    connections: async () =>
      (await debug('GET', '/debug/ws-connections')) as readonly ConnectionRecord[],
  };
}
