import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiDocument } from '../../src/resources/api-document.ts';
import type { DomainDocument } from '../../src/resources/domain-name.ts';
import { type PlaneInFolder, startPlaneIn } from './support/plane-in-folder.ts';
import { changes, type Draw, World } from './support/random-changes.ts';

/**
 * Whatever is created, changed and deleted, in any order and at once: what remains is whole, and a
 * restart finds the same. A failing sequence is printed with its seed, as short as it can be made.
 */
/** Some seconds where nothing else runs. How many sequences are tried does not depend on the machine. */
const MANY_SEQUENCES = { timeout: 600_000 };

test(
  'any sequence of changes leaves a consistent store, before and after a restart',
  MANY_SEQUENCES,
  async () => {
    const seed = 20_260_102;
    const bounds = { seed, numRuns: 40 };
    const made = { changes: 0, paths: 0, live: 0 };
    await fc.assert(
      fc.asyncProperty(changes(), async (batches) => {
        const folder = await mkdtemp(join(tmpdir(), 'postern-test-'));
        try {
          const paths = await play(folder, batches);
          made.changes += batches.flat().length;
          made.paths += paths.length;
          made.live += paths.filter(({ isThere }) => isThere).length;
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      bounds,
    );
    // The sequences do something: most of what they make is refused, but much is not.
    expect(made.paths).toBeGreaterThan(made.changes / 10);
    expect(made.live).toBeGreaterThan(made.paths / 10);
  },
);

test('a stage that is deleted while it is mapped and planned leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-'));
  const plane = await startPlaneIn(folder);
  const post = async (path: string, body: unknown) => (await plane.ask('POST', path, body)).json;
  const domainName = 'ws.example.com';
  await post('/v2/domainnames', { domainName, domainNameConfigurations: [{}] });
  const { apiId } = await post('/v2/apis', {
    name: 'chat',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.action',
  });
  for (let round = 0; round < 60; round += 1) {
    const stage = `s${round}`;
    const path = `/v2/apis/${apiId}/stages/${stage}`;
    await post(`/v2/apis/${apiId}/stages`, { stageName: stage });
    const mapping = { apiId, stage, apiMappingKey: stage };
    const requests = [
      () => plane.ask('DELETE', path),
      () => plane.ask('POST', `/v2/domainnames/${domainName}/apimappings`, mapping),
      () => plane.ask('POST', '/usageplans', { name: stage, apiStages: [{ apiId, stage }] }),
    ];
    const [deleted] = await Promise.all(staggered(requests, round));
    await assertConsistent(plane);
    await deleteMappings(plane, domainName);
    if (deleted!.status !== 204) expect((await plane.ask('DELETE', path)).status).toBe(204);
  }
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the first some turns of the event loop before or after the others. */
function staggered<T>(requests: readonly (() => Promise<T>)[], round: number): Promise<T>[] {
  return requests.map(async (request, at) => {
    const turns = at === 0 ? round % 6 : Math.floor(round / 6) % 4;
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    return request();
  });
}

async function deleteMappings(plane: PlaneInFolder, domainName: string): Promise<void> {
  const path = `/v2/domainnames/${domainName}/apimappings`;
  const { json } = await plane.ask('GET', path);
  for (const { apiMappingId } of json.items) await plane.ask('DELETE', `${path}/${apiMappingId}`);
}

async function play(folder: string, batches: readonly (readonly Draw[])[]) {
  const plane = await startPlaneIn(folder);
  const world = new World(plane);
  for (const batch of batches) await Promise.all(batch.map((drawn) => world.change(drawn)));
  const paths = world.paths();
  for (const { path, isThere } of paths) {
    const { status } = await plane.ask('GET', path);
    expect(`${path}: ${status}`).toBe(`${path}: ${isThere ? 200 : 404}`);
  }
  await assertConsistent(plane);
  const before = await everyAnswer(plane, paths);
  await plane.stop();
  const restarted = await startPlaneIn(folder);
  expect(await everyAnswer(restarted, paths)).toEqual(before);
  await restarted.stop();
  return paths;
}

/** What every GET answers: all that ever was, and the lists it was in. */
async function everyAnswer(plane: PlaneInFolder, paths: ReturnType<World['paths']>) {
  const lists = paths.map(({ path }) => path.slice(0, path.lastIndexOf('/')));
  const targets = new Set([...paths.map(({ path }) => path), ...lists]);
  const answers: Record<string, unknown> = {};
  for (const target of targets) {
    answers[target] = await plane.ask('GET', `${target}?maxResults=500&limit=500`);
  }
  return answers;
}

/** Looks at the store itself: an orphan is in no list. */
async function assertConsistent({ store }: PlaneInFolder): Promise<void> {
  const stored = await store.list('');
  const under = <Document>(prefix: string) =>
    stored
      .filter(({ key }) => key.startsWith(prefix))
      .map(({ key, value }) => ({ key, document: value as Document }));
  const apis = new Map(
    under<ApiDocument>('api/').map(({ document }) => [document.api.apiId, document]),
  );
  const deployments = under('deployment/').map(({ key }) => key.slice('deployment/'.length));
  for (const key of deployments) expect(apis.has(key.split('/')[0]!), `orphan ${key}`).toBe(true);
  for (const document of apis.values()) {
    expect(danglingIn(document, new Set(deployments))).toEqual([]);
    expect(duplicatesIn(document)).toEqual([]);
  }
  const isStage = (apiId: string, stage: string) => apis.get(apiId)?.stages[stage] !== undefined;
  const mappings = under<DomainDocument>('domain/').flatMap(({ document }) =>
    Object.values(document.apiMappings),
  );
  expect(mappings.filter(({ apiId, stage }) => !isStage(apiId, stage))).toEqual([]);
  const plans = under<UsagePlans>('usageplans').flatMap(({ document }) =>
    Object.values(document.plans).flatMap(({ apiStages }) => apiStages),
  );
  expect(plans.filter(({ apiId, stage }) => !isStage(apiId, stage))).toEqual([]);
}

interface UsagePlans {
  readonly plans: Record<string, { apiStages: { apiId: string; stage: string }[] }>;
}

/** Every reference within an API, and from it to its deployments, that leads nowhere. */
function danglingIn(document: ApiDocument, deployments: ReadonlySet<string>): unknown[] {
  const { routes, integrations, authorizers, models, stages, api } = document;
  const names = new Set(Object.values(models).map(({ name }) => name));
  const badRoutes = Object.values(routes).filter(
    ({ target, authorizerId, requestModels = {} }) =>
      (target !== undefined && !integrations[target.slice('integrations/'.length)]) ||
      (authorizerId !== undefined && !authorizers[authorizerId]) ||
      Object.values(requestModels).some((name) => !names.has(name)),
  );
  const badStages = Object.values(stages).filter(
    ({ deploymentId }) =>
      deploymentId !== undefined && !deployments.has(`${api.apiId}/${deploymentId}`),
  );
  const orphans = [
    ...Object.values(document.routeResponses).filter(({ routeId }) => !routes[routeId]),
    ...Object.values(document.integrationResponses).filter(
      ({ integrationId }) => !integrations[integrationId],
    ),
  ];
  return [...badRoutes, ...badStages, ...orphans];
}

function duplicatesIn({ routes, models }: ApiDocument): string[] {
  const names = [
    ...Object.values(routes).map(({ routeKey }) => `route ${routeKey}`),
    ...Object.values(models).map(({ name }) => `model ${name}`),
  ];
  return names.filter((name, at) => names.indexOf(name) !== at);
}
