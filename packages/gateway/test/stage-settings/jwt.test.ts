import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startGateway, type TestApi } from '../support/start-gateway.ts';
import { type ConnectOptions, connect, refusal } from '../support/test-socket.ts';
import { base64url, issuerKey, secretTokenOf, tokenOf } from '../support/tokens.ts';
import { type Settings, useBench } from './support.ts';

const bench = useBench({ httpAuthorizers: true });
const key = issuerKey('one');
const other = issuerKey('two', 'ec');
const ISSUER = 'https://id.example.com/';
const AUDIENCE = 'chat';

const seconds = () => Math.floor(bench.gateway.clock.now() / 1000);

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp: seconds() + 600, ...more };
}

const goodToken = (more: Record<string, unknown> = {}) => tokenOf(key, claims(more));

function servesKeys(keys: readonly object[] = [key.jwk]): void {
  bench.backend.answer('/keys', (_, response) => response.end(JSON.stringify({ keys })));
}

const told = Object.fromEntries(
  ['sub', 'principalId', 'level', 'admin', 'roles', 'nested', 'nothing', 'integrationLatency'].map(
    (name) => [`integration.request.header.seen-${name}`, `context.authorizer.${name}`],
  ),
);

/** A stage that takes tokens, and backends that see what is in them. */
function stageOf(settings: Settings = {}): Promise<TestApi> {
  servesKeys();
  const jwt = { jwtIssuer: ISSUER, jwtAudience: AUDIENCE, jwtKeys: `${bench.backend.url}/keys` };
  return bench.api(
    { ...jwt, ...settings },
    {
      $connect: { url: `${bench.backend.url}/connect`, requestParameters: told },
      $default: { url: `${bench.backend.url}/message`, requestParameters: told },
    },
  );
}

const bearer = (token: string): ConnectOptions => ({
  headers: { Authorization: `Bearer ${token}` },
});

test('a good token comes in, and its claims go with every event', async () => {
  const { wsUrl } = await stageOf();
  const token = goodToken({
    level: 7,
    admin: true,
    roles: ['a', 'b'],
    nested: { x: 1 },
    nothing: null,
  });
  const socket = await connect(wsUrl, bearer(token));
  const said = {
    'seen-sub': 'user-1',
    'seen-principalid': 'user-1',
    'seen-level': '7',
    'seen-admin': 'true',
    'seen-roles': '["a","b"]',
    'seen-nested': '{"x":1}',
  };
  const { headers } = await bench.backend.requests('/connect').next();
  expect(headers).toMatchObject(said);
  expect(headers).not.toHaveProperty('seen-nothing');
  expect(headers).not.toHaveProperty('seen-integrationlatency');
  socket.send('x');
  expect((await bench.backend.requests('/message').next()).headers).toMatchObject(said);
});

test('jwtClaims says which of them', async () => {
  const { wsUrl } = await stageOf({ jwtClaims: 'level roles' });
  await connect(wsUrl, bearer(goodToken({ level: 7, admin: true })));
  const { headers } = await bench.backend.requests('/connect').next();
  expect(headers).toMatchObject({ 'seen-level': '7', 'seen-principalid': 'user-1' });
  expect(headers).not.toHaveProperty('seen-admin');
  expect(headers).not.toHaveProperty('seen-sub');
});

describe('the token is found', () => {
  test('in Authorization, spelled in any way, with Bearer before it or not', async () => {
    const { wsUrl } = await stageOf();
    await connect(wsUrl, bearer(goodToken()));
    await connect(wsUrl, { headers: { authorization: goodToken() } });
    await connect(wsUrl, { headers: { AUTHORIZATION: `bearer  ${goodToken()}` } });
    expect((await refusal(`${wsUrl}?token=${goodToken()}`)).status).toBe(401);
  });

  test('in a header or a parameter of the stage’s choice, the first that has one', async () => {
    const jwtSource = 'route.request.header.X-Token route.request.querystring.token';
    const { wsUrl } = await stageOf({ jwtSource });
    await connect(wsUrl, { headers: { 'x-token': goodToken() } });
    await connect(`${wsUrl}?token=${goodToken()}`);
    const bad = await refusal(`${wsUrl}?token=${goodToken()}`, { headers: { 'X-Token': 'bad' } });
    expect(bad.status).toBe(401);
    expect((await refusal(wsUrl, bearer(goodToken()))).status).toBe(401);
  });

  test('behind a sub-protocol, which is answered unless the backend chooses another', async () => {
    const { wsUrl } = await stageOf({ jwtSource: 'protocol.bearer' });
    const socket = await connect(wsUrl, { protocols: ['chat', 'bearer', goodToken()] });
    expect(socket.socket.protocol).toBe('bearer');
    bench.backend.answer('/connect', (_, response) => {
      response.writeHead(200, { 'Sec-WebSocket-Protocol': 'chat' }).end();
    });
    const chosen = await connect(wsUrl, { protocols: ['chat', 'bearer', goodToken()] });
    expect(chosen.socket.protocol).toBe('chat');
    expect((await refusal(wsUrl, { protocols: ['bearer'] })).status).toBe(401);
    expect((await refusal(wsUrl, { protocols: [goodToken()] })).status).toBe(401);
  });
});

describe('401 Unauthorized, and the backend is not asked', () => {
  const mallory = issuerKey('one');
  const parts = (token: string) => token.split('.') as [string, string, string];
  const rows: [name: string, token: () => string][] = [
    ['no token', () => ''],
    ['a word', () => 'token'],
    ['three dots', () => '...'],
    ['a token without a signature', () => `${parts(goodToken()).slice(0, 2).join('.')}.`],
    ['the algorithm none', () => `${base64url({ alg: 'none' })}.${base64url(claims())}.`],
    ['the public key as a secret', () => secretTokenOf(key.publicPem, claims(), { kid: 'one' })],
    ['a signature by another key of this name', () => tokenOf(mallory, claims())],
    ['a key that the issuer does not have', () => tokenOf(other, claims())],
    ['another algorithm than the key’s', () => tokenOf(key, claims(), { alg: 'RS512' })],
    ['a header that must be understood', () => tokenOf(key, claims(), { crit: ['x'], x: 1 })],
    ['a signature cut short', () => goodToken().slice(0, -4)],
    [
      'other claims than were signed',
      () => {
        const [first, , last] = parts(goodToken());
        return `${first}.${base64url(claims({ sub: 'admin' }))}.${last}`;
      },
    ],
    ['another issuer', () => goodToken({ iss: 'https://id.example.com' })],
    ['no issuer', () => goodToken({ iss: undefined })],
    ['another audience', () => goodToken({ aud: 'mail' })],
    ['a list of other audiences', () => goodToken({ aud: ['mail', 'chatter'] })],
    ['no audience', () => goodToken({ aud: undefined })],
    ['another client', () => goodToken({ aud: undefined, client_id: 'mail' })],
    ['another audience and the right client', () => goodToken({ aud: 'mail', client_id: 'chat' })],
    ['no end', () => goodToken({ exp: undefined })],
    ['an end that is no number', () => goodToken({ exp: '2099' })],
    ['an end five seconds ago', () => goodToken({ exp: seconds() - 5 })],
    ['a beginning six seconds from now', () => goodToken({ nbf: seconds() + 6 })],
    ['claims that are no object', () => tokenOf(key, [] as object)],
  ];
  test.each(rows)('%s', async (_, token) => {
    const { wsUrl } = await stageOf();
    const refused = await refusal(wsUrl, bearer(token()));
    expect(refused.status).toBe(401);
    expect(refused.body).toMatch(/^\{"message": "Unauthorized", "connectionId":"[\w-]{18}==", "r/);
    expect(refused.headers['x-amz-apigw-id']).toMatch(/^[\w-]{15}=$/);
    expect(bench.backend.requests('/connect').size).toBe(0);
  });
});

test.each([
  ['an audience among several', { aud: ['mail', AUDIENCE] }],
  ['a client in place of an audience', { aud: undefined, client_id: AUDIENCE }],
  ['an end four seconds ago', { exp: -4 }],
  ['a beginning five seconds from now', { nbf: 5 }],
])('%s is good', async (_, more: Record<string, unknown>) => {
  const { wsUrl } = await stageOf({ jwtAudience: `first ${AUDIENCE}` });
  const moved = Object.entries(more).map(([name, value]) => [
    name,
    typeof value === 'number' ? seconds() + value : value,
  ]);
  await connect(wsUrl, bearer(goodToken(Object.fromEntries(moved))));
});

describe('the keys', () => {
  test('may be several, and of other kinds than RSA; a token need not name its own', async () => {
    const { wsUrl } = await stageOf();
    servesKeys([issuerKey('three').jwk, key.jwk, other.jwk]);
    await connect(wsUrl, bearer(tokenOf(other, claims())));
    await connect(wsUrl, bearer(tokenOf(key, claims(), { kid: undefined })));
    const forged = tokenOf(issuerKey('x'), claims(), { kid: undefined });
    expect((await refusal(wsUrl, bearer(forged))).status).toBe(401);
  });

  test('are fetched once, and again when a token names a new one, twice a minute at most', async () => {
    const { wsUrl } = await stageOf();
    await connect(wsUrl, bearer(goodToken()));
    await connect(wsUrl, bearer(goodToken()));
    expect(bench.backend.requests('/keys').size).toBe(1);
    servesKeys([other.jwk]);
    const rotated = () => tokenOf(other, claims());
    expect((await refusal(wsUrl, bearer(rotated()))).status).toBe(401);
    expect(bench.backend.requests('/keys').size).toBe(1);
    bench.gateway.clock.advance(29_999);
    expect((await refusal(wsUrl, bearer(rotated()))).status).toBe(401);
    expect(bench.backend.requests('/keys').size).toBe(1);
    bench.gateway.clock.advance(1);
    await connect(wsUrl, bearer(rotated()));
    expect((await refusal(wsUrl, bearer(goodToken()))).status).toBe(401);
    expect(bench.backend.requests('/keys').size).toBe(2);
  });

  test('are fetched anew when they are ten minutes old: one that was withdrawn is good no more', async () => {
    const { wsUrl } = await stageOf();
    await connect(wsUrl, bearer(goodToken()));
    servesKeys([other.jwk]);
    bench.gateway.clock.advance(599_999);
    await connect(wsUrl, bearer(goodToken()));
    expect(bench.backend.requests('/keys').size).toBe(1);
    bench.gateway.clock.advance(1);
    expect((await refusal(wsUrl, bearer(goodToken()))).status).toBe(401);
    expect(bench.backend.requests('/keys').size).toBe(2);
  });

  test('may be in a file, which is read again ten seconds later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-keys-'));
    const file = join(folder, 'keys.json');
    const gateway = await startGateway({ functionsFolder: folder });
    const api = await gateway.createApi({
      routes: { $default: { type: 'MOCK' } },
      tags: {
        'postern:jwtIssuer': ISSUER,
        'postern:jwtAudience': AUDIENCE,
        'postern:jwtKeys': 'keys.json',
      },
    });
    expect((await refusal(api.wsUrl, bearer(goodToken()))).status).toBe(500);
    writeFileSync(file, JSON.stringify({ keys: [key.jwk] }));
    await connect(api.wsUrl, bearer(goodToken()));
    writeFileSync(file, JSON.stringify({ keys: [other.jwk] }));
    await connect(api.wsUrl, bearer(goodToken()));
    gateway.clock.advance(10_000);
    expect((await refusal(api.wsUrl, bearer(goodToken()))).status).toBe(401);
    await connect(api.wsUrl, bearer(tokenOf(other, claims())));
    gateway.clock.advance(10_000);
    writeFileSync(file, 'no keys');
    expect((await refusal(api.wsUrl, bearer(goodToken()))).status).toBe(500);
    expect(gateway.errors).toEqual([]);
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['an answer of 500', 500, '{"keys":[]}'],
    ['a redirect', 302, ''],
    ['no JSON', 200, '<html>'],
    ['JSON without keys', 200, '{"kys":[]}'],
  ])('that are not to be had let nobody in: %s, 500', async (_, status, body) => {
    const { wsUrl } = await stageOf();
    bench.backend.answer('/keys', (__, response) => {
      response.writeHead(status, { location: `${bench.backend.url}/keys` }).end(body);
    });
    const refused = await refusal(wsUrl, bearer(goodToken()));
    expect(refused.status).toBe(500);
    expect(refused.body).toMatch(/^\{"message": "Internal server error", /);
    servesKeys();
    await connect(wsUrl, bearer(goodToken()));
  });

  // It was a bug in the log for each handshake.
  test.each(['https://[/keys', 'https://host:99999/keys'])('at %s are nowhere', async (jwtKeys) => {
    const { wsUrl } = await stageOf({ jwtKeys });
    expect((await refusal(wsUrl, bearer(goodToken()))).status).toBe(500);
    const { reason } = await bench.gateway.events.next();
    expect(reason).toContain(`jwtKeys is no URL: ${jwtKeys}`);
  });

  // Each of those who came before any key was known asked the issuer for itself.
  test('are fetched once for a crowd that comes before anybody has them', async () => {
    const { wsUrl } = await stageOf();
    await Promise.all(Array.from({ length: 8 }, () => connect(wsUrl, bearer(goodToken()))));
    expect(bench.backend.requests('/keys').size).toBe(1);
  });

  describe('of an issuer that is down', () => {
    const DAY_MILLIS = 24 * 3_600_000;
    const keysAsked = () => bench.backend.requests('/keys').size;

    function fails(status = 503, body = ''): void {
      bench.backend.answer('/keys', (_, response) => response.writeHead(status).end(body));
    }

    test.each([
      ['an answer of 503', 503, ''],
      ['no JSON', 200, '<html>'],
      ['JSON without keys', 200, '{}'],
    ])('are used for a day after they last came: %s', async (_, status, body) => {
      const { wsUrl } = await stageOf();
      await connect(wsUrl, bearer(goodToken()));
      fails(status, body);
      bench.gateway.clock.advance(DAY_MILLIS - 1);
      await connect(wsUrl, bearer(goodToken()));
      expect(bench.gateway.warnings).toEqual([
        `The keys at ${bench.backend.url} cannot be fetched: those of before are used, for a day at most`,
      ]);
      bench.gateway.clock.advance(1);
      const refused = await refusal(wsUrl, bearer(goodToken()));
      expect(refused.status).toBe(500);
      expect(refused.body).toMatch(/^\{"message": "Internal server error", /);
      servesKeys();
      await connect(wsUrl, bearer(goodToken()));
      bench.gateway.clock.advance(600_000);
      fails(status, body);
      await connect(wsUrl, bearer(goodToken()));
      expect(bench.gateway.warnings).toHaveLength(2);
    });

    test('are asked for twice a minute at most, and those that come take the place of the old', async () => {
      const { wsUrl } = await stageOf();
      await connect(wsUrl, bearer(goodToken()));
      fails();
      bench.gateway.clock.advance(600_000);
      await connect(wsUrl, bearer(goodToken()));
      await connect(wsUrl, bearer(goodToken()));
      expect(keysAsked()).toBe(2);
      bench.gateway.clock.advance(29_999);
      await connect(wsUrl, bearer(goodToken()));
      expect(keysAsked()).toBe(2);
      servesKeys([other.jwk]);
      bench.gateway.clock.advance(1);
      await connect(wsUrl, bearer(tokenOf(other, claims())));
      expect(keysAsked()).toBe(3);
      expect((await refusal(wsUrl, bearer(goodToken()))).status).toBe(401);
    });

    test('have no room for a new one: 500, and those that are known come in', async () => {
      const { wsUrl } = await stageOf();
      await connect(wsUrl, bearer(goodToken()));
      fails();
      bench.gateway.clock.advance(60_000);
      expect((await refusal(wsUrl, bearer(tokenOf(other, claims())))).status).toBe(500);
      expect((await refusal(wsUrl, bearer(tokenOf(other, claims())))).status).toBe(500);
      await connect(wsUrl, bearer(goodToken()));
      expect(keysAsked()).toBe(2);
      const forged = tokenOf(issuerKey('one'), claims());
      expect((await refusal(wsUrl, bearer(forged))).status).toBe(401);
    });

    test('hold up who finds that it hangs, and nobody after', async () => {
      const { wsUrl } = await stageOf();
      await connect(wsUrl, bearer(goodToken()));
      await bench.backend.requests('/keys').next();
      bench.backend.answer('/keys', () => {});
      bench.gateway.clock.advance(600_000);
      const held = [1, 2].map(() => connect(wsUrl, bearer(goodToken())));
      await bench.backend.requests('/keys').next();
      bench.gateway.clock.advance(5_000);
      await Promise.all(held);
      bench.gateway.clock.advance(30_000);
      await connect(wsUrl, bearer(goodToken()));
      await bench.backend.requests('/keys').next();
      expect(keysAsked()).toBe(0);
    });
  });

  test('are not fetched from an address that backends may not have', async () => {
    const gateway = await startGateway({ settings: { backendsDenied: '127.0.0.0/8' } });
    servesKeys();
    const api = await gateway.createApi({
      routes: { $default: { type: 'MOCK' } },
      tags: {
        'postern:jwtIssuer': ISSUER,
        'postern:jwtAudience': AUDIENCE,
        'postern:jwtKeys': `${bench.backend.url}/keys`,
      },
    });
    expect((await refusal(api.wsUrl, bearer(goodToken()))).status).toBe(500);
    expect(bench.backend.requests('/keys').size).toBe(0);
    await gateway.stop();
  });
});

describe('a stage', () => {
  test('with half of it lets nobody in, and the log says what is missing', async () => {
    const api = await stageOf({ jwtAudience: undefined });
    const refused = await refusal(api.wsUrl, bearer(goodToken()));
    expect(refused.status).toBe(500);
    expect(await bench.gateway.events.next()).toMatchObject({
      reason: 'the stage has no jwtAudience',
    });
    await bench.change(api, { jwtAudience: AUDIENCE });
    await connect(api.wsUrl, bearer(goodToken()));
  });

  test('without a $connect route asks for a token as well', async () => {
    servesKeys();
    const { wsUrl } = await bench.api({
      jwtIssuer: ISSUER,
      jwtAudience: AUDIENCE,
      jwtKeys: `${bench.backend.url}/keys`,
    });
    expect((await refusal(wsUrl)).status).toBe(401);
    await connect(wsUrl, bearer(goodToken()));
  });

  test('asks the route’s authorizer as well, and tells it who the token says it is', async () => {
    const api = await stageOf();
    bench.backend.answer('/authorize', (_, response) => {
      const Statement = [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }];
      const policyDocument = { Version: '2012-10-17', Statement };
      response.end(JSON.stringify({ principalId: 'p', policyDocument, context: { level: 1 } }));
    });
    const { authorizerId } = await bench.gateway.control<{ authorizerId: string }>(
      'POST',
      `/v2/apis/${api.apiId}/authorizers`,
      {
        name: 'more',
        authorizerType: 'REQUEST',
        authorizerUri: `${bench.backend.url}/authorize`,
      },
    );
    await bench.gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, {
      authorizationType: 'CUSTOM',
      authorizerId,
    });
    await api.deploy();
    expect((await refusal(api.wsUrl)).status).toBe(401);
    expect(bench.backend.requests('/authorize').size).toBe(0);
    await connect(api.wsUrl, bearer(goodToken({ level: 7, admin: true })));
    const asked = JSON.parse((await bench.backend.requests('/authorize').next()).text);
    expect(asked.requestContext.authorizer).toMatchObject({ sub: 'user-1', level: '7' });
    const { headers } = await bench.backend.requests('/connect').next();
    expect(headers).toMatchObject({
      'seen-principalid': 'p',
      'seen-level': '1',
      'seen-admin': 'true',
      'seen-sub': 'user-1',
    });
  });
});

describe('when the token expires', () => {
  test('the connection lives on', async () => {
    const { wsUrl } = await stageOf();
    const socket = await connect(wsUrl, bearer(goodToken({ exp: seconds() + 60 })));
    bench.gateway.clock.advance(61_000);
    socket.send('x');
    await bench.backend.requests('/message').next();
  });

  test('with jwtCloseAtExpiry it is closed with 1008, and not a second before', async () => {
    const { wsUrl } = await stageOf({ jwtCloseAtExpiry: true });
    const socket = await connect(wsUrl, bearer(goodToken({ exp: seconds() + 60 })));
    bench.gateway.clock.advance(59_000);
    socket.send('x');
    await bench.backend.requests('/message').next();
    bench.gateway.clock.advance(1_000);
    expect(await socket.closed).toEqual({ code: 1008, reason: 'Token expired' });
    expect(await bench.disconnect()).toEqual({ code: '1008', reason: 'Token expired' });
  });
});

test('no log repeats a token', async () => {
  const { wsUrl } = await stageOf({ jwtSource: 'route.request.querystring.token protocol.bearer' });
  const tokens = [goodToken(), goodToken({ aud: 'x' }), tokenOf(other, claims()), 'nonsense-token'];
  for (const token of tokens) {
    await connect(`${wsUrl}?token=${token}`).catch(() => {});
    await connect(wsUrl, { protocols: ['bearer', token] }).catch(() => {});
  }
  const logged: string[] = [];
  while (bench.gateway.events.size > 0) {
    logged.push(JSON.stringify(await bench.gateway.events.next()));
  }
  expect(logged.length).toBeGreaterThanOrEqual(8);
  for (const token of tokens) {
    for (const part of token.split('.')) expect(logged.join()).not.toContain(part);
  }
});

test.each([
  ['jwtKeys', '../keys.json'],
  ['jwtKeys', 'a/../../keys.json'],
  ['jwtKeys', '/etc/keys.json'],
  ['jwtKeys', 'keys.pem'],
  ['jwtKeys', 'ftp://host/keys.json'],
  ['jwtSource', 'Authorization'],
  ['jwtSource', 'route.request.body.token'],
  ['jwtIssuer', ''],
  ['jwtIssuer', 'a b'],
  ['jwtAudience', ' '],
])('%s cannot be "%s"', async (name, value) => {
  await expect(bench.api({ [name]: value })).rejects.toThrow(
    `Invalid tag value of key postern:${name}. Must be `,
  );
});
