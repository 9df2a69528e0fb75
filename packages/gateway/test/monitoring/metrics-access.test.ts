import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

/** `postern start`: whoever may manage, if a policy says so. Prometheus sends a token. */

const [scraper, other] = ['a-token-for-the-scraper', 'a-token-for-another'];

let gateway: TestGateway;
beforeEach(async () => {
  const user = (name: string, token: string, Action: string) => ({
    name,
    accessKeys: [],
    tokens: [token],
    policies: [
      {
        Version: '2012-10-17' as const,
        Statement: [{ Effect: 'Allow' as const, Action, Resource: '*' }],
      },
    ],
  });
  gateway = await startGateway({
    mode: 'start',
    users: [
      user('scraper', scraper, 'postern:GetMetrics'),
      user('other', other, 'postern:GetVersion'),
    ],
  });
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const status = async (headers: Record<string, string>) =>
  (await fetch(`${gateway.url}/@metrics`, { headers })).status;

test.each([
  ['nobody', {}, 403],
  ['an unknown token', { authorization: 'Bearer what-ever-this-may-be' }, 403],
  ['a user who may do something else', { authorization: `Bearer ${other}` }, 403],
  ['a user who may read metrics', { authorization: `Bearer ${scraper}` }, 200],
] as [string, Record<string, string>, number][])('%s', async (_, headers, expected) => {
  expect(await status(headers)).toBe(expected);
});

test('the metrics are not at the public door where there is an admin door', async () => {
  await gateway.stop();
  gateway = await startGateway({ settings: { adminPort: 0 } });
  expect(gateway.gateway.adminUrl).toBeDefined();
  expect((await fetch(`${gateway.url}/@metrics`)).status).toBe(403);
  expect((await fetch(`${gateway.gateway.adminUrl}/@metrics`)).status).toBe(200);
});
