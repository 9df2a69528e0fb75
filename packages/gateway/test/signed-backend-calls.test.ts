import { createHash, createHmac } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { CallSigner } from '../src/backends/call-signature.ts';
import { pemFolder } from './support/certificates.ts';
import { type RecordedRequest, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const KEY = 'a key of at least thirty-two characters';
const OTHER = 'another key of at least thirty-two characters';
const files = pemFolder();
afterAll(() => files.remove());
const backendSigningKeyFile = files.write('signing.key', `${KEY}\nnotes below it\n`);

/** What `X-Postern-Signature` says, if a backend that has `key` would believe it. */
function believed({ method, url, headers, body }: RecordedRequest, key = KEY) {
  const header = String(headers['x-postern-signature']);
  const [, t, nonce, connectionId, v1] = /^t=(\d+),n=([\w-]{22}),c=(.+),v1=(\w{64})$/.exec(header)!;
  const digest = createHash('sha256').update(body).digest('hex');
  const text = ['postern-v1', t, nonce, connectionId, method, url, digest].join('\n');
  const isSigned = createHmac('sha256', key).update(text).digest('hex') === v1;
  return isSigned ? { seconds: Number(t), nonce, connectionId } : undefined;
}

test('the example that the documentation has', () => {
  const signer = new CallSigner({
    key: () => KEY,
    clock: { now: () => 1_790_000_000_999 },
    random: { bytes: (length) => Uint8Array.from({ length }, (_, at) => at) },
  });
  const call = {
    origin: 'http://backend',
    path: '/ws/message?token=a%20b',
    method: 'POST',
    headers: ['Accept', '*/*', 'x-postern-signature', 'made up'],
    body: Buffer.from('{"text":"é"}'),
    timeoutMillis: 1000,
    wantsBody: false,
  };
  expect(signer.headersOf(call, 'gbgA_A9XiQAYKEiI6A==')).toEqual([
    'Accept',
    '*/*',
    'X-Postern-Signature',
    't=1790000000,n=AAECAwQFBgcICQoLDA0ODw,c=gbgA_A9XiQAYKEiI6A==,' +
      'v1=0aaedb8be069a532a336d8b7ae33691707323ce9d3b558875f85900ba00a44e2',
  ]);
});

describe('with backendSigningKeyFile', () => {
  let api: TestApi;
  const at = useGateway(
    async ({ backend, gateway }) => {
      const headers = { 'integration.request.header.connectionId': 'context.connectionId' };
      const route = (path: string) => ({
        url: `${backend.url}${path}`,
        requestParameters: headers,
      });
      api = await gateway.createApi({
        routes: {
          $connect: route('/connect'),
          $default: route('/message'),
          $disconnect: route('/disconnect'),
          read: { ...route('/read'), method: 'GET' },
          templated: { ...route('/templated'), type: 'HTTP' },
        },
      });
    },
    { settings: { backendSigningKeyFile } },
  );
  const next = (path: string) => at.backend.requests(path).next();

  test('every call of every route is signed, each with a nonce of its own', async () => {
    const socket = await connect(`${api.wsUrl}?token=a%20b&x`);
    const opened = await next('/connect');
    expect(opened.url).toBe('/connect?token=a%20b&x');
    socket.send('{"text":"é"}');
    socket.send('{"action":"read"}');
    socket.send('{"action":"templated","n":1}');
    const calls = [opened, await next('/message'), await next('/read'), await next('/templated')];
    socket.close();
    calls.push(await next('/disconnect'));
    const said = calls.map((call) => believed(call));
    const connectionId = opened.headers.connectionid;
    const seconds = Math.floor(at.gateway.clock.now() / 1000);
    expect(said).toEqual(
      calls.map(() => ({ connectionId, seconds, nonce: expect.stringMatching(/^[\w-]{22}$/) })),
    );
    expect(new Set(said.map((one) => one?.nonce)).size).toBe(calls.length);
  });

  test('a signature that the client sends never gets through', async () => {
    const forged = `t=1,n=${'A'.repeat(22)},c=x,v1=${'0'.repeat(64)}`;
    await connect(api.wsUrl, { headers: { 'x-postern-SIGNATURE': forged } });
    const call = await next('/connect');
    expect(believed(call)).toBeDefined();
    const names = call.rawHeaders.filter((_, index) => index % 2 === 0);
    expect(names.filter((name) => /^x-postern-signature$/i.test(name))).toHaveLength(1);
  });
});

test('an authorizer that is an HTTP endpoint is asked with a signature', async () => {
  const backend = await startBackend();
  const settings = { backendSigningKeyFile, httpAuthorizers: true };
  const gateway = await startGateway({ settings });
  const api = await gateway.createApi({ routes: { $connect: { url: `${backend.url}/connect` } } });
  const authorizer = await gateway.control('POST', `/v2/apis/${api.apiId}/authorizers`, {
    name: 'doorman',
    authorizerType: 'REQUEST',
    authorizerUri: `${backend.url}/authorize`,
    identitySource: ['route.request.querystring.token'],
  });
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, {
    authorizationType: 'CUSTOM',
    authorizerId: authorizer.authorizerId,
  });
  await api.deploy();
  backend.answer('/authorize', (_, response) => response.writeHead(401).end());
  expect((await refusal(`${api.wsUrl}?token=x`)).status).toBe(401);
  const call = await backend.requests('/authorize').next();
  const { requestContext } = JSON.parse(call.text);
  expect(believed(call)?.connectionId).toBe(requestContext.connectionId);
  await gateway.stop();
  await backend.stop();
});

test('a new key is used within ten seconds; one that is too short changes nothing', async () => {
  const file = files.write('rotated.key', KEY);
  const gateway = await startGateway({ settings: { backendSigningKeyFile: file } });
  const tenSeconds = () => gateway.clock.advance(10_000);
  files.write('rotated.key', OTHER);
  tenSeconds();
  const backend = await startBackend();
  const api = await gateway.createApi({ routes: { $connect: { url: `${backend.url}/connect` } } });
  const keyInForce = async () => {
    (await connect(api.wsUrl)).close();
    const call = await backend.requests('/connect').next();
    return [KEY, OTHER].find((key) => believed(call, key));
  };
  await expect.poll(keyInForce).toBe(OTHER);
  files.write('rotated.key', 'short');
  tenSeconds();
  expect(await keyInForce()).toBe(OTHER);
  await gateway.stop();
  await backend.stop();
});

test.each([
  [
    'a short one',
    files.write('short.key', 'x'.repeat(31)),
    'has 31 characters, and needs at least 32.',
  ],
  ['an empty one', files.write('empty.key', '\n'), 'has 0 characters'],
  ['none', `${backendSigningKeyFile}.none`, 'there is no such file.'],
])('the gateway does not start with %s', async (_, file, problem) => {
  await expect(startGateway({ settings: { backendSigningKeyFile: file } })).rejects.toThrow(
    problem,
  );
});

test('without it no call is signed', async () => {
  const backend = await startBackend();
  const gateway = await startGateway();
  const api = await gateway.createApi({ routes: { $connect: { url: `${backend.url}/connect` } } });
  await connect(api.wsUrl);
  const { headers } = await backend.requests('/connect').next();
  expect(headers['x-postern-signature']).toBeUndefined();
  await gateway.stop();
  await backend.stop();
});
