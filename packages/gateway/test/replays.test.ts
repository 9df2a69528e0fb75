import { Sha256 } from '@aws-crypto/sha256-js';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, describe, expect, test } from 'vitest';
import { ReplayGuard } from '../src/iam/replay-guard.ts';
import type { Verified } from '../src/iam/verify.ts';
import { longTermKey } from './iam/support/keys.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal, type TestSocket } from './support/test-socket.ts';

const KEY = { accessKeyId: 'AKIAPUSHER000000001', secretAccessKey: 'pusher-secret' };
const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

let gateway: TestGateway;
let api: TestApi;
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

async function start(singleUseSignatures: 'none' | 'presigned' | 'all'): Promise<void> {
  gateway = await startGateway({
    mode: 'start',
    settings: { singleUseSignatures },
    users: [{ name: 'pusher', accessKeys: [{ ...KEY, enabled: true }], policies: [everything] }],
  });
  gateway.clock.jumpTo(Date.now());
  api = await gateway.createApi({ routes: { $connect: {}, $default: {} } });
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, {
    authorizationType: 'AWS_IAM',
  });
  await api.deploy();
}

const signer = new SignatureV4({
  service: 'execute-api',
  region: 'us-east-1',
  credentials: KEY,
  sha256: Sha256,
});

/** A URL that lets in whoever has it. */
async function presignedUrl(expiresIn = 60): Promise<string> {
  const { host, hostname, pathname } = new URL(api.wsUrl);
  const request = { method: 'GET', protocol: 'ws:', hostname, path: pathname, headers: { host } };
  const { query = {} } = await signer.presign(request, {
    expiresIn,
    signingDate: new Date(gateway.clock.now()),
  });
  const pairs = Object.entries(query).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return `${api.wsUrl}?${pairs.join('&')}`;
}

/** A request as it went over the wire, to be sent again by whoever caught it. */
async function signedList(): Promise<Record<string, string>> {
  const { host, hostname } = new URL(gateway.url);
  const request = {
    method: 'GET',
    protocol: 'http:',
    hostname,
    path: `/${api.apiId}/test/@connections/gbgA_A9XiQAYKEiI6A%3D%3D`,
    headers: { host },
  };
  const { headers } = await signer.sign(request, { signingDate: new Date(gateway.clock.now()) });
  const { host: _, ...rest } = headers;
  return rest;
}

const send = (headers: Record<string, string>) =>
  fetch(`${api.endpoint}/@connections/gbgA_A9XiQAYKEiI6A%3D%3D`, { headers });

test('as on AWS, what is signed is good for as long as it is valid, however often it comes', async () => {
  await start('none');
  const url = await presignedUrl();
  await connect(url);
  await connect(url);
  const headers = await signedList();
  expect((await send(headers)).status).toBe(410);
  expect((await send(headers)).status).toBe(410);
});

describe('singleUseSignatures: presigned', () => {
  test('a presigned URL lets in once', async () => {
    await start('presigned');
    const url = await presignedUrl();
    await connect(url);
    const refused = await refusal(url);
    expect(refused.status).toBe(403);
    expect(refused.headers['x-amzn-errortype']).toBe('InvalidSignatureException');
    expect(JSON.parse(refused.body)).toEqual({
      message: 'The signature was used before. Sign the request again.',
    });
    gateway.clock.advance(1000);
    await connect(await presignedUrl());
    expect((await refusal(url)).status).toBe(403);
  });

  test('one that was refused for another reason is still good', async () => {
    await start('presigned');
    const url = await presignedUrl();
    expect((await refusal(`${url}&x=1`)).status).toBe(403);
    await connect(url);
  });

  test('signed headers are as on AWS', async () => {
    await start('presigned');
    const headers = await signedList();
    expect((await send(headers)).status).toBe(410);
    expect((await send(headers)).status).toBe(410);
  });
});

describe('singleUseSignatures: all', () => {
  test('a request that was caught and sent again is refused, here and at every door', async () => {
    await start('all');
    const headers = await signedList();
    expect((await send(headers)).status).toBe(410);
    const again = await send(headers);
    expect(again.status).toBe(403);
    expect(again.headers.get('x-amzn-errortype')).toBe('InvalidSignatureException');
    const url = await presignedUrl();
    await connect(url);
    expect((await refusal(url)).status).toBe(403);
  });

  test('an SDK that pushes the same twice, and one that tries again, sign anew', async () => {
    await start('all');
    const socket: TestSocket = await connect(await presignedUrl());
    const client = new ApiGatewayManagementApiClient({
      endpoint: api.endpoint,
      region: 'us-east-1',
      credentials: KEY,
    });
    const { connectionId } = await gateway.events.next();
    for (let count = 0; count < 3; count += 1) {
      await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'same' }));
      expect(await socket.next()).toBe('same');
    }
    client.destroy();
  });
});

describe('what is remembered', () => {
  const verified = (number: number, validUntil: number): Verified => ({
    kind: 'verified',
    accessKey: longTermKey,
    region: 'us-east-1',
    signature: number.toString(16).padStart(64, '0').split('').reverse().join(''),
    isPresigned: true,
    validUntil,
  });

  test('is forgotten once it is no longer valid, and bounded: one past it nobody is let in', () => {
    const guard = new ReplayGuard(false, 3);
    for (const number of [1, 2, 3]) guard.assertUnused(verified(number, 10_000), 0);
    expect(() => guard.assertUnused(verified(4, 10_000), 0)).toThrow('Too Many Requests');
    expect(() => guard.assertUnused(verified(1, 10_000), 10_000)).toThrow('used before');
    expect(() => guard.assertUnused(verified(4, 10_000), 10_000)).toThrow('Too Many Requests');
    guard.assertUnused(verified(4, 20_000), 11_001);
    expect(() => guard.assertUnused(verified(4, 20_000), 11_001)).toThrow('used before');
  });
});
