import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';

let gateway: TestGateway;
let api: TestApi;
beforeEach(async () => {
  gateway = await startGateway();
  api = await gateway.createApi({ routes: { $default: { url: 'http://127.0.0.1:1/old' } } });
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

async function get(path: string) {
  const reply = await fetch(`${gateway.url}/@api${path}`);
  return { status: reply.status, answer: (await reply.json()) as Record<string, unknown> };
}

describe('what a deployment would change', () => {
  const changes = async () => (await get(`/apis/${api.apiId}/stages/test/changes`)).answer.items;

  test('right after one: nothing', async () => {
    expect(await changes()).toEqual([]);
  });

  test('an integration that was changed, field by field', async () => {
    const id = api.integrations.$default;
    await gateway.control('PATCH', `/v2/apis/${api.apiId}/integrations/${id}`, {
      integrationUri: 'http://127.0.0.1:1/new',
    });
    expect(await changes()).toEqual([
      {
        kind: 'Integration',
        name: 'http://127.0.0.1:1/new',
        change: 'changed',
        fields: [
          {
            field: 'integrationUri',
            before: 'http://127.0.0.1:1/old',
            after: 'http://127.0.0.1:1/new',
          },
        ],
      },
    ]);
    await api.deploy();
    expect(await changes()).toEqual([]);
  });

  test('a route that came and one that went', async () => {
    await gateway.control('POST', `/v2/apis/${api.apiId}/routes`, { routeKey: 'chat' });
    await gateway.control('DELETE', `/v2/apis/${api.apiId}/routes/${api.routes.$default}`);
    expect(await changes()).toEqual([
      expect.objectContaining({ kind: 'Route', name: '$default', change: 'removed' }),
      expect.objectContaining({ kind: 'Route', name: 'chat', change: 'added' }),
    ]);
  });

  test('of a stage that was never deployed: everything', async () => {
    await gateway.control('POST', `/v2/apis/${api.apiId}/stages`, { stageName: 'fresh' });
    const { answer } = await get(`/apis/${api.apiId}/stages/fresh/changes`);
    expect(answer).not.toHaveProperty('deploymentId');
    expect((answer.items as { change: string }[]).map(({ change }) => change)).toEqual([
      'added',
      'added',
    ]);
  });

  test('of a stage or an API that is not there: 404', async () => {
    expect((await get(`/apis/${api.apiId}/stages/none/changes`)).status).toBe(404);
    expect((await get('/apis/none/stages/test/changes')).status).toBe(404);
  });
});

describe('an API as a template', () => {
  test.each(['postern', 'cloudformation', 'sam', 'terraform', 'asyncapi'])('%s', async (format) => {
    const { status, answer } = await get(`/apis/${api.apiId}/export?format=${format}`);
    expect([status, answer.format]).toEqual([200, format]);
    expect(answer.text).toContain('http://127.0.0.1:1/old');
  });

  test('an unknown format is a bad request, an unknown API is not found', async () => {
    expect((await get(`/apis/${api.apiId}/export?format=word`)).status).toBe(400);
    expect((await get('/apis/none/export')).status).toBe(404);
  });
});

test('version and nodes say what runs', async () => {
  expect((await get('/version')).answer).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    mode: 'dev',
    account: '000000000000',
    url: gateway.url,
  });
  const { items } = (await get('/nodes')).answer as { items: Record<string, unknown>[] };
  expect(items).toEqual([
    expect.objectContaining({ state: 'ready', connections: 0, memoryBytes: expect.any(Number) }),
  ]);
});
