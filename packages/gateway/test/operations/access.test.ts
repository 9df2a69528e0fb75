import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signRequest } from '../../src/iam/sign.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

/** Who may ask: `postern dev` anyone here, `postern start` whom a policy allows. */

const KEY = { accessKeyId: 'AKIAOPERATOR0000001', secretAccessKey: 'operator-secret' };
const TOKEN = 'a-token-of-sixteen-characters';

let gateway: TestGateway;
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, { headers });

describe('postern dev', () => {
  beforeEach(async () => {
    gateway = await startGateway();
  });

  test('answers whoever is on this machine', async () => {
    expect((await get('/@api/version')).status).toBe(200);
  });

  test.each([
    [{ origin: 'https://evil.example' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'null' }],
  ])('refuses a page of the web: %j', async (headers) => {
    const reply = await get('/@api/connections', headers);
    expect(reply.status).toBe(403);
  });
});

describe('postern start', () => {
  beforeEach(async () => {
    const allow = (Action: unknown, Resource = '*') => ({
      Version: '2012-10-17' as const,
      Statement: [{ Effect: 'Allow' as const, Action, Resource }],
    });
    gateway = await startGateway({
      mode: 'start',
      users: [
        {
          name: 'operator',
          accessKeys: [{ ...KEY, enabled: true }],
          tokens: [TOKEN],
          policies: [
            allow(
              ['postern:GetVersion', 'postern:GetConfiguration'],
              'arn:aws:apigateway:us-east-1::/@api/*',
            ),
            allow('apigateway:*'),
          ],
        },
      ],
    });
  });

  const signed = (path: string, key = KEY, service = 'apigateway') => {
    const Host = new URL(gateway.url).host;
    const request = {
      method: 'GET',
      path,
      query: '',
      rawHeaders: ['Host', Host],
      body: new Uint8Array(),
    };
    const now = gateway.clock.now();
    return { ...signRequest(request, { credentials: key, region: 'us-east-1', service, now }) };
  };

  test('a signature and a policy open an operation', async () => {
    const reply = await get('/@api/version', signed('/@api/version'));
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ mode: 'start', region: 'us-east-1' });
  });

  test('a token does as well, also for the control plane', async () => {
    for (const path of ['/@api/version', '/v2/apis']) {
      expect((await get(path, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    }
  });

  test('a token opens no door of AWS that has none', async () => {
    const reply = await get('/test/@connections/gbgA_A9XiQAYKEiI6A==', {
      authorization: `Bearer ${TOKEN}`,
    });
    expect(reply.status).toBe(403);
  });

  test.each([
    ['nobody', {}, 'MissingAuthenticationTokenException'],
    ['a wrong token', { authorization: `Bearer ${TOKEN}x` }, 'UnrecognizedClientException'],
    ['an empty token', { authorization: 'Bearer ' }, 'IncompleteSignatureException'],
  ])('%s is refused', async (_, headers, type) => {
    const reply = await get('/@api/version', headers);
    expect([reply.status, reply.headers.get('x-amzn-errortype')]).toEqual([403, type]);
  });

  test('a wrong secret is refused', async () => {
    const reply = await get(
      '/@api/version',
      signed('/@api/version', { ...KEY, secretAccessKey: 'wrong' }),
    );
    expect(reply.headers.get('x-amzn-errortype')).toBe('InvalidSignatureException');
  });

  test('each operation is a permission of its own, and apigateway:* is none of them', async () => {
    const reply = await get('/@api/connections', signed('/@api/connections'));
    expect(reply.status).toBe(403);
    expect(await reply.json()).toEqual({
      Message:
        'User: arn:aws:iam::000000000000:user/operator is not authorized to perform: ' +
        'postern:ListConnections on resource: arn:aws:apigateway:us-east-1::/@api/connections ' +
        'because no identity-based policy allows the postern:ListConnections action',
    });
  });

  test('the configuration in force holds no secret', async () => {
    const reply = await get('/@api/configuration', signed('/@api/configuration'));
    const text = await reply.text();
    expect(JSON.parse(text).users).toEqual([
      {
        name: 'operator',
        accessKeys: [{ accessKeyId: KEY.accessKeyId, enabled: true }],
        tokens: 1,
        policies: expect.any(Array),
      },
    ]);
    expect(text).not.toContain(KEY.secretAccessKey);
    expect(text).not.toContain(TOKEN);
  });
});

test('a password in a URL of the configuration is hidden', async () => {
  gateway = await startGateway({ settings: { lambdaEndpoint: 'http://me:hush@127.0.0.1:1' } });
  const { settings } = (await (await get('/@api/configuration')).json()) as {
    settings: { key: string; value: unknown }[];
  };
  expect(settings.find(({ key }) => key === 'lambdaEndpoint')?.value).toBe('http://…@127.0.0.1:1');
  expect(JSON.stringify(settings)).not.toContain('hush');
});
