import { systemClock } from '../../../src/ambient/clock.ts';
import { systemRandom } from '../../../src/ambient/random.ts';
import { createControlPlane } from '../../../src/control-plane/control-plane.ts';
import { EmbeddedEngine } from '../../../src/engines/embedded/embedded-engine.ts';
import type { ResourceStore } from '../../../src/engines/engine.ts';

/** A control plane over the store of a folder, asked without a server between. */
export interface PlaneInFolder {
  readonly store: ResourceStore;
  ask(method: string, target: string, body?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read members of answers freely.
  readonly json: any;
}

export async function startPlaneIn(folder: string): Promise<PlaneInFolder> {
  const engine = new EmbeddedEngine({ folder });
  await engine.start();
  const plane = createControlPlane({
    store: engine.resources,
    counters: engine.counters,
    clock: systemClock,
    random: systemRandom,
    accountId: '123456789012',
    region: 'us-east-1',
    endpointOf: (apiId) => `ws://127.0.0.1/${apiId}`,
  });
  return {
    store: engine.resources,
    async ask(method, target, body) {
      const [path = '', query = ''] = target.split('?');
      const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
      const reply = await plane.handle({ method, path, query, body: bytes });
      const json = reply.body === '' ? undefined : JSON.parse(String(reply.body));
      return { status: reply.status, json };
    },
    stop: () => engine.stop(),
  };
}
