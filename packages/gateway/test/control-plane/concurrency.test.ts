import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/ambient/random.ts';
import { createControlPlane } from '../../src/control-plane/control-plane.ts';
import { commitAttemptsMax } from '../../src/control-plane/document-store.ts';
import type { ResourceStore } from '../../src/engines/engine.ts';
import { makeApi, makeRoute } from './support/make.ts';
import { conflict, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

/** How many commits another node still puts in right before ours. */
const other = { commitsLeft: 0 };

/** The engine's store on a busy cluster: another node writes the same API first, for real. */
function busy(store: ResourceStore): ResourceStore {
  return {
    get: (key) => store.get(key),
    list: (prefix, page) => store.list(prefix, page),
    watch: (listener) => store.watch(listener),
    async commit(changes) {
      if (other.commitsLeft > 0) {
        other.commitsLeft -= 1;
        const stored = await store.get(changes[0]!.key);
        if (stored) {
          await store.commit([
            { key: stored.key, value: stored.value, expectedVersion: stored.version },
          ]);
        }
      }
      return store.commit(changes);
    },
  };
}

const plane = useControlPlane({ wrap: busy });

describe('Changes of one API at the same time', () => {
  test('all succeed, and none is lost', async () => {
    const ApiId = await makeApi(plane);
    const keys = Array.from({ length: 40 }, (_, at) => `route${at}`);
    await Promise.all(keys.map((key) => makeRoute(plane, ApiId, key)));
    const { Items } = await plane.aws.getRoutes({ ApiId, MaxResults: '100' });
    expect(Items!.map((route) => route.RouteKey).sort()).toEqual([...keys].sort());
  });

  test('let one of two equal route keys win', async () => {
    const ApiId = await makeApi(plane);
    const results = await Promise.allSettled([1, 2, 3].map(() => makeRoute(plane, ApiId, 'same')));
    expect(results.map((result) => result.status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ]);
  });

  test('through two nodes lose nothing either', async () => {
    const ApiId = await makeApi(plane);
    const nodes = [1, 2].map(() =>
      createControlPlane({
        store: plane.store,
        counters: plane.counters,
        clock: plane.clock,
        random: systemRandom,
        accountId: '123456789012',
        region: 'us-east-1',
        endpointOf: () => '',
      }),
    );
    const make = (at: number) =>
      nodes[at % 2]!.handle({
        method: 'POST',
        path: `/v2/apis/${ApiId}/routes`,
        query: '',
        body: Buffer.from(JSON.stringify({ routeKey: `route${at}` })),
      });
    const replies = await Promise.all(Array.from({ length: 16 }, (_, at) => make(at)));
    const made = replies.filter((reply) => reply.status === 201).length;
    const refused = replies.filter((reply) => reply.status === 409).length;
    expect(made + refused).toBe(16);
    const { Items } = await plane.aws.getRoutes({ ApiId });
    expect(Items).toHaveLength(made);
  });

  test('do not fail the next one when one is refused', async () => {
    const ApiId = await makeApi(plane);
    const [refused, made] = await Promise.allSettled([
      makeRoute(plane, ApiId, ''),
      makeRoute(plane, ApiId, 'join'),
    ]);
    expect([refused.status, made.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('A change that meets commits of another node', () => {
  test('starts again until it is through', async () => {
    const ApiId = await makeApi(plane);
    other.commitsLeft = commitAttemptsMax - 1;
    expect(await plane.aws.updateApi({ ApiId, Name: 'talk' })).toMatchObject({ Name: 'talk' });
    expect(other.commitsLeft).toBe(0);
  });

  test('gives up after a bounded number of attempts with 409', async () => {
    const ApiId = await makeApi(plane);
    other.commitsLeft = commitAttemptsMax;
    expect(await refusal(plane.aws.updateApi({ ApiId, Name: 'talk' }))).toEqual(
      conflict(
        'Unable to complete operation due to concurrent modification. Please try again later.',
      ),
    );
    expect((await plane.aws.getApi({ ApiId })).Name).toBe('chat');
  });
});
