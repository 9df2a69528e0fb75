import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../src/engines/embedded/embedded-engine.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

const VALUE = 'a-key-of-more-than-20-characters';

let folder: string;
let gateway: TestGateway;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-usage-'));
});
afterEach(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

/** `isShared`: as one of several workers, which draw from the same buckets. */
async function start(isShared = false): Promise<void> {
  gateway = await startGateway({
    settings: { ephemeral: false, data: folder },
    ...(isShared && { engine: new EmbeddedEngine({ folder, isShared }) }),
  });
}

/** A key, and a plan with these limits that holds it; where to connect to. */
async function planned(limits: object): Promise<TestApi> {
  const api = await gateway.createApi({ routes: { $connect: {}, $default: {} } });
  const path = `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`;
  await gateway.control('PATCH', path, { apiKeyRequired: true });
  await api.deploy();
  const key = { name: 'client', value: VALUE, enabled: true };
  const { id: keyId } = await gateway.control<{ id: string }>('POST', '/apikeys', key);
  const { id } = await gateway.control<{ id: string }>('POST', '/usageplans', {
    name: 'plan',
    apiStages: [{ apiId: api.apiId, stage: 'test' }],
    ...limits,
  });
  await gateway.control('POST', `/usageplans/${id}/keys`, { keyId, keyType: 'API_KEY' });
  return api;
}

const withKey = { headers: { 'x-api-key': VALUE } };
const urlOf = ({ apiId }: TestApi) => `${gateway.url.replace('http', 'ws')}/${apiId}/test`;

test('what was used of a quota is still used after a restart, and what is left is left', async () => {
  await start();
  const api = await planned({ quota: { limit: 3, period: 'DAY', offset: 0 } });
  await connect(urlOf(api), withKey);
  await connect(urlOf(api), withKey);
  await gateway.stop();

  await start();
  await connect(urlOf(api), withKey);
  const refused = await refusal(urlOf(api), withKey);
  expect(refused.status).toBe(429);
  expect(refused.body).toMatch(/^\{"message": "Limit Exceeded", /);
});

describe('the bucket of a plan’s throttle', () => {
  const throttle = { rateLimit: 0.0001, burstLimit: 5 };

  /** How many get in before one is refused. */
  async function letIn(api: TestApi): Promise<number> {
    for (let count = 0; ; count += 1) {
      const socket = await connect(urlOf(api), withKey).catch(() => undefined);
      if (!socket) return count;
      socket.socket.terminate();
    }
  }

  test('is full after a restart where one process has it', async () => {
    await start();
    const api = await planned({ throttle });
    expect(await letIn(api)).toBe(5);
    await gateway.stop();
    await start();
    expect(await letIn(api)).toBe(5);
  });

  test('is as it was where several share it, but for one on credit', async () => {
    await start(true);
    const api = await planned({ throttle });
    expect([5, 6]).toContain(await letIn(api));
    await gateway.stop();
    await start(true);
    expect([0, 1]).toContain(await letIn(api));
  });
});
