import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { afterAll, beforeAll } from 'vitest';
import type { Clock } from '../../../src/ambient/clock.ts';
import { systemRandom } from '../../../src/ambient/random.ts';
import { createControlPlane } from '../../../src/control-plane/control-plane.ts';
import { EmbeddedEngine } from '../../../src/engines/embedded/embedded-engine.ts';
import type { Counters, ResourceStore } from '../../../src/engines/engine.ts';

export interface RunningControlPlane {
  /** The AWS SDK's own client, without retries. */
  readonly aws: ApiGatewayV2;
  readonly url: string;
  readonly store: ResourceStore;
  readonly counters: Counters;
  readonly clock: MovableClock;
  /** A request as bytes, past every SDK. */
  send(method: string, path: string, body?: unknown): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read members of answers freely.
  readonly json: any;
}

export type MovableClock = Clock & { move(millis: number): void };

interface Options {
  readonly lenient?: boolean;
  /** Puts something between the control plane and the engine's store. */
  wrap?(store: ResourceStore): ResourceStore;
}

/** A control plane behind a real HTTP server for the tests of one file. */
export function useControlPlane(options: Options = {}): RunningControlPlane {
  const running = {} as { -readonly [K in keyof RunningControlPlane]: RunningControlPlane[K] };
  beforeAll(async () => {
    Object.assign(running, await startControlPlane(options));
  });
  afterAll(() => running.close());
  return running;
}

export async function startControlPlane(options: Options = {}): Promise<RunningControlPlane> {
  const engine = new EmbeddedEngine({ ephemeral: true });
  await engine.start();
  const clock = movableClock(Date.parse('2026-01-02T03:04:05.678Z'));
  const store = options.wrap?.(engine.resources) ?? engine.resources;
  const plane = createControlPlane({
    store,
    counters: engine.counters,
    clock,
    random: systemRandom,
    accountId: '123456789012',
    region: 'us-east-1',
    endpointOf: (apiId) => `ws://127.0.0.1:4080/${apiId}`,
    lenient: options.lenient ?? false,
  });
  const server = createServer(async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const body = await bodyOf(request);
    try {
      const reply = await plane.handle({ method: request.method ?? '', path, query, body });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const aws = new ApiGatewayV2({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    aws,
    url,
    store: engine.resources,
    counters: engine.counters,
    clock,
    send: (method, path, body) => send(url + path, method, body),
    async close() {
      aws.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.stop();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function send(url: string, method: string, body: unknown): Promise<RawAnswer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const answer = await fetch(url, {
    method,
    ...(body !== undefined && { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = text === '' ? undefined : JSON.parse(text);
  return { status: answer.status, headers: answer.headers, text, json };
}

function movableClock(start: number): MovableClock {
  let now = start;
  return {
    now: () => now,
    ticks: () => now,
    turnNow: () => now,
    turnTicks: () => now,
    timeOf: (ticks) => ticks,
    after: () => () => {},
    every: () => () => {},
    move: (millis) => {
      now += millis;
    },
  };
}
