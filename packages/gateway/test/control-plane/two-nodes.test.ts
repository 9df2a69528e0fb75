import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/ambient/random.ts';
import { createControlPlane } from '../../src/control-plane/control-plane.ts';
import type { Change, ResourceStore } from '../../src/engines/engine.ts';
import { lambdaUri } from './support/make.ts';
import { type RunningControlPlane, startControlPlane } from './support/start-control-plane.ts';
import { problemsOf } from './support/store-problems.ts';

/**
 * Two nodes change one store at the same time: whatever they create, change and delete, nothing ever
 * points to what is not there, nothing is there that nothing leads to, and nothing unique is there
 * twice. Every run begins with a store in which everything is in use; calls of a batch run together, and
 * after each batch the whole store is looked at.
 */
interface Step {
  readonly method: string;
  /** With `{kind}` for the id of one of what is there. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

const post = (path: string, body: Step['body'] = {}): Step => ({ method: 'POST', path, body });
const change = (path: string, body: Step['body']): Step => ({
  method: 'PATCH',
  path,
  ...(body && { body }),
});
const remove = (path: string): Step => ({ method: 'DELETE', path });
const plan = (op: string, path: string, value: string) =>
  change('/usageplans/{plan}', { patchOperations: [{ op, path, value }] });

const api = '/v2/apis/{api}';
const domain = '/v2/domainnames/a.example.com';
const mapped = { apiId: '{api}', stage: 'prod' };

/** What every run begins with, one call after the other: something of each kind, all in use. */
const beginning: readonly Step[] = [
  post('/v2/apis', {
    name: 'a',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.a',
  }),
  post(`${api}/integrations`, { integrationType: 'MOCK' }),
  post(`${api}/integrations/{integration}/integrationresponses`, {
    integrationResponseKey: '$default',
  }),
  post(`${api}/models`, { name: 'One', schema: '{}' }),
  post(`${api}/authorizers`, { name: 'g', authorizerType: 'REQUEST', authorizerUri: lambdaUri }),
  post(`${api}/routes`, { routeKey: 'x', target: 'integrations/{integration}' }),
  post(`${api}/routes/{route}/routeresponses`, { routeResponseKey: '$default' }),
  post(`${api}/routes`, { routeKey: 'y', requestModels: { a: 'One' } }),
  post(`${api}/routes`, {
    routeKey: '$connect',
    authorizationType: 'CUSTOM',
    authorizerId: '{authorizer}',
  }),
  post(`${api}/stages`, { stageName: 'prod' }),
  post(`${api}/stages`, { stageName: 'auto', autoDeploy: true }),
  post(`${api}/deployments`, { stageName: 'prod' }),
  post('/v2/domainnames', { domainName: 'a.example.com', domainNameConfigurations: [{}] }),
  post(`${domain}/apimappings`, mapped),
  post('/clientcertificates'),
  change(`${api}/stages/prod`, { clientCertificateId: '{certificate}' }),
  post('/apikeys', { value: 'the-same-value-for-all' }),
  post('/usageplans', { name: 'p', apiStages: [mapped] }),
  post('/usageplans/{plan}/keys', { keyId: '{key}', keyType: 'API_KEY' }),
];

const steps: readonly Step[] = [
  // Certificates take long to make.
  ...beginning.filter(({ path }) => path !== '/clientcertificates'),
  remove(api),
  remove(`${api}/integrations/{integration}`),
  change(`${api}/models/{model}`, { name: 'Two' }),
  remove(`${api}/models/{model}`),
  remove(`${api}/authorizers/{authorizer}`),
  change(`${api}/routes/{route}`, { routeKey: 'x', requestModels: { a: 'One', b: 'Two' } }),
  change(`${api}/routes/{route}`, { target: 'integrations/{integration}' }),
  change(`${api}/routes/{route}`, { target: '', requestModels: { a: '' } }),
  remove(`${api}/routes/{route}`),
  change(`${api}/stages/prod`, { deploymentId: '{deployment}' }),
  change(`${api}/stages/prod`, { clientCertificateId: '' }),
  remove(`${api}/stages/prod`),
  remove(`${api}/stages/auto`),
  remove(`${api}/deployments/{deployment}`),
  remove(domain),
  change(`${domain}/apimappings/{mapping}`, { ...mapped, stage: 'auto' }),
  remove(`${domain}/apimappings/{mapping}`),
  remove('/clientcertificates/{certificate}'),
  remove('/apikeys/{key}'),
  post('/usageplans', { name: 'q' }),
  plan('add', '/apiStages', '{api}:prod'),
  plan('remove', '/apiStages', '{api}:prod'),
  remove('/usageplans/{plan}'),
  remove('/usageplans/{plan}/keys/{key}'),
];

const choices = fc.record({ step: fc.constantFrom(...steps), pick: fc.nat(2), node: fc.nat(1) });
const batches = fc.array(fc.array(choices, { minLength: 3, maxLength: 6 }), {
  minLength: 4,
  maxLength: 12,
});

test('two nodes on one store keep it whole', async () => {
  const start = await storeAfter(beginning);
  await fc.assert(
    fc.asyncProperty(batches, async (run) => {
      const plane = await startControlPlane();
      const nodes = [nodeOn(plane), nodeOn(plane)];
      try {
        await plane.store.commit(start);
        for (const batch of run) {
          const ids = await idsOf(plane.store);
          const replies = await Promise.all(
            batch.map(({ step, pick, node }) => nodes[node]!(fill(step, ids, pick))),
          );
          expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
          expect(problemsOf(await plane.store.list(''))).toEqual([]);
        }
      } finally {
        await plane.close();
      }
    }),
    { numRuns: 120 },
  );
});

/** What a store holds after some steps that all succeed, as the commit that fills another with it. */
async function storeAfter(first: readonly Step[]): Promise<Change[]> {
  const plane = await startControlPlane();
  const node = nodeOn(plane);
  for (const step of first) {
    const { status } = await node(fill(step, await idsOf(plane.store), 0));
    expect(status, step.path).toBeLessThan(300);
  }
  const stored = await plane.store.list('');
  await plane.close();
  return stored.map(({ key, value }) => ({ key, value, expectedVersion: 0 }));
}

type Node = (step: Step) => Promise<{ readonly status: number }>;

function nodeOn({ store, counters, clock }: RunningControlPlane): Node {
  const { handle } = createControlPlane({
    store,
    counters,
    clock,
    random: systemRandom,
    accountId: '123456789012',
    region: 'us-east-1',
    endpointOf: () => '',
  });
  return ({ method, path, body }) =>
    handle({ method, path, query: '', body: Buffer.from(body ? JSON.stringify(body) : '') });
}

/** Ids of what is there, by the word a step uses. */
async function idsOf(store: ResourceStore): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = {};
  const add = (word: string, ...more: string[]) => {
    ids[word] = [...(ids[word] ?? []), ...more];
  };
  for (const { key, value } of await store.list('')) {
    const [kind = '', ...rest] = key.split('/');
    const document = value as Record<string, Record<string, object>>;
    const children = (name: string) => Object.keys(document[name] ?? {});
    if (kind === 'api') {
      add('api', ...rest);
      add('integration', ...children('integrations'));
      add('route', ...children('routes'));
      add('model', ...children('models'));
      add('authorizer', ...children('authorizers'));
    }
    if (kind === 'deployment') add('deployment', rest[1]!);
    if (kind === 'domain') add('mapping', ...children('apiMappings'));
    if (kind === 'clientcertificate') add('certificate', ...rest);
    if (kind === 'apikey') add('key', ...rest);
    if (kind === 'usageplans') add('plan', ...children('plans'));
  }
  return ids;
}

function fill(step: Step, ids: Readonly<Record<string, string[]>>, pick: number): Step {
  const text = JSON.stringify(step).replaceAll(/\{(\w+)\}/g, (_, word: string) => {
    const known = ids[word] ?? [];
    return known[pick % known.length] ?? 'nosuch';
  });
  return JSON.parse(text);
}
