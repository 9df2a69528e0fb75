import { afterEach, beforeEach, expect } from 'vitest';
import type { Configuration } from '../../src/server/config.ts';
import {
  type RecordedRequest,
  type RecordingBackend,
  startBackend,
} from '../support/recording-backend.ts';
import {
  type ApiSpec,
  startGateway,
  type TestApi,
  type TestGateway,
} from '../support/start-gateway.ts';

export interface Bench {
  gateway: TestGateway;
  backend: RecordingBackend;
  /** An API whose stage has these settings, with `$default` and `$disconnect` told their connection. */
  api(settings: Settings, routes?: ApiSpec['routes']): Promise<TestApi>;
  /** Writes or, with `undefined`, removes settings of a stage that is in use. */
  change(api: TestApi, settings: Settings): Promise<void>;
  /** What the next `$disconnect` was told. */
  disconnect(): Promise<{ code: string; reason: string | undefined }>;
}

export type Settings = Readonly<Record<string, number | boolean | string | undefined>>;

const told = {
  'integration.request.header.connectionId': 'context.connectionId',
  'integration.request.header.code': 'context.disconnectStatusCode',
  'integration.request.header.reason': 'context.disconnectReason',
};

/** A gateway and a backend for each test of a file; nothing may be logged as a bug. */
export function useBench(configuration: Partial<Configuration> = {}): Bench {
  const bench = {} as Bench;
  beforeEach(async () => {
    const backend = await startBackend();
    const gateway = await startGateway({ settings: configuration });
    Object.assign(bench, parts(gateway, backend));
  });
  afterEach(async () => {
    expect(bench.gateway.errors).toEqual([]);
    await bench.gateway.stop();
    await bench.backend.stop();
  });
  return bench;
}

function parts(gateway: TestGateway, backend: RecordingBackend): Bench {
  return {
    gateway,
    backend,
    api: (settings, routes = {}) =>
      gateway.createApi({
        tags: tagsOf(settings),
        routes: {
          $default: { url: `${backend.url}/message`, requestParameters: told },
          $disconnect: { url: `${backend.url}/disconnect`, requestParameters: told },
          ...routes,
        },
      }),
    async change({ apiId, stage }, settings) {
      const arn = `arn:aws:apigateway:us-east-1::/apis/${apiId}/stages/${stage}`;
      const path = `/v2/tags/${encodeURIComponent(arn)}`;
      await gateway.control('POST', path, { tags: tagsOf(settings) });
      const gone = Object.keys(settings).filter((name) => settings[name] === undefined);
      if (gone.length === 0) return;
      const query = gone.map((name) => `tagKeys=postern:${name}`).join('&');
      await fetch(`${gateway.url}${path}?${query}`, { method: 'DELETE' });
    },
    async disconnect() {
      const { headers } = await backend.requests('/disconnect').next();
      return { code: String(headers.code), reason: headers.reason as string | undefined };
    },
  };
}

function tagsOf(settings: Settings): Record<string, string> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [`postern:${name}`, String(value)]));
}

/** Sends a message and waits until the gateway has done with it: then time may move. */
export async function exchange(
  { backend, gateway }: Bench,
  socket: { send(text: string): void },
): Promise<RecordedRequest> {
  socket.send('a message');
  const request = await backend.requests('/message').next();
  while ((await gateway.events.next()).kind !== 'message');
  return request;
}

/** The id of an open connection, learnt as a backend does. */
export async function idOf(bench: Bench, socket: { send(text: string): void }): Promise<string> {
  return String((await exchange(bench, socket)).headers.connectionid);
}

/** Pushes through the management API; the status. */
export async function push(api: TestApi, id: string, body: string | Buffer): Promise<number> {
  const url = `${api.endpoint}/@connections/${encodeURIComponent(id)}`;
  const answer = await fetch(url, { method: 'POST', body: new Uint8Array(Buffer.from(body)) });
  await answer.arrayBuffer();
  return answer.status;
}
