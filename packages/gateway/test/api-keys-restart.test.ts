import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './support/start-gateway.ts';
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

async function start(): Promise<void> {
  gateway = await startGateway({ settings: { ephemeral: false, data: folder } });
}

test('what was used of a quota is still used after a restart, and what is left is left', async () => {
  await start();
  const api = await gateway.createApi({ routes: { $connect: {}, $default: {} } });
  const path = `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`;
  await gateway.control('PATCH', path, { apiKeyRequired: true });
  await api.deploy();
  const key = { name: 'client', value: VALUE, enabled: true };
  const { id: keyId } = await gateway.control<{ id: string }>('POST', '/apikeys', key);
  const { id } = await gateway.control<{ id: string }>('POST', '/usageplans', {
    name: 'plan',
    apiStages: [{ apiId: api.apiId, stage: 'test' }],
    quota: { limit: 3, period: 'DAY', offset: 0 },
  });
  await gateway.control('POST', `/usageplans/${id}/keys`, { keyId, keyType: 'API_KEY' });
  const withKey = { headers: { 'x-api-key': VALUE } };
  await connect(api.wsUrl, withKey);
  await connect(api.wsUrl, withKey);
  await gateway.stop();

  await start();
  const url = `${gateway.url.replace('http', 'ws')}/${api.apiId}/test`;
  await connect(url, withKey);
  const refused = await refusal(url, withKey);
  expect(refused.status).toBe(429);
  expect(refused.body).toMatch(/^\{"message": "Limit Exceeded", /);
});
