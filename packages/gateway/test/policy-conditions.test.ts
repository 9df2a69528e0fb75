import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';

/** What policies may ask of a request and its caller: each user may list APIs on one condition. */
const conditions = {
  address: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
  secure: { Bool: { 'aws:SecureTransport': 'true' } },
  agent: { StringLike: { 'aws:UserAgent': 'deploy-tool/*' } },
  referer: { StringEquals: { 'aws:Referer': 'https://console.example.com/' } },
  region: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
  name: { StringEquals: { 'aws:username': 'name' } },
  principal: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/principal' } },
  account: { StringEquals: { 'aws:PrincipalAccount': '000000000000' } },
  kind: { StringEquals: { 'aws:PrincipalType': 'User' } },
  time: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
  past: { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
  epoch: { NumericGreaterThan: { 'aws:EpochTime': '1577836800' } },
  multi: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  elsewhere: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
};
type User = keyof typeof conditions;
const ACTIONS = ['apigateway:GET', 'execute-api:ManageConnections'];

let gateway: TestGateway;
let api: TestApi;
beforeAll(async () => {
  gateway = await startGateway({
    mode: 'start',
    settings: { trustedProxies: '127.0.0.1' },
    users: Object.entries(conditions).map(([name, Condition]) => ({
      name,
      accessKeys: [{ accessKeyId: `AKIA${name}`, secretAccessKey: name, enabled: true }],
      policies: [
        {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ACTIONS, Resource: '*', Condition }],
        },
      ],
    })),
  });
  gateway.clock.jumpTo(Date.now());
  api = await gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

interface Asked {
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

async function ask(user: User, asked: Asked, more: Record<string, string>): Promise<number> {
  const { service, method, path } = asked;
  const { host, hostname } = new URL(gateway.url);
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: { accessKeyId: `AKIA${user}`, secretAccessKey: user },
    sha256: Sha256,
  });
  const request = { method, protocol: 'http:', hostname, path, headers: { host } };
  const { headers } = await signer.sign(request);
  const { host: _, ...rest } = headers;
  const url = gateway.url + path;
  return (await fetch(url, { method, headers: { ...rest, ...more } })).status;
}

const LIST = { service: 'apigateway', method: 'GET', path: '/v2/apis' };
const lists = (user: User, more: Record<string, string> = {}) => ask(user, LIST, more);

/** To a connection that is gone: 410 for whoever may push, 403 for everybody else. */
function pushes(user: User, more: Record<string, string> = {}): Promise<number> {
  const path = `${new URL(api.endpoint).pathname}/@connections/gbgA_A9XiQAYKEiI6A==`;
  return ask(user, { service: 'execute-api', method: 'POST', path }, more);
}

test.each<User>(['region', 'name', 'principal', 'account', 'kind', 'time', 'epoch'])(
  'a condition on the %s that holds',
  async (user) => {
    expect(await lists(user)).toBe(200);
  },
);

test.each<User>(['past', 'multi', 'elsewhere'])('and on %s that does not', async (user) => {
  expect(await lists(user)).toBe(403);
});

test.each<[User, Record<string, string>]>([
  ['address', { 'x-forwarded-for': '198.51.100.7' }],
  ['secure', { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https' }],
  ['agent', { 'user-agent': 'deploy-tool/1.0' }],
  ['referer', { referer: 'https://console.example.com/' }],
])('what the request shows: the %s', async (user, headers) => {
  expect(await lists(user, headers)).toBe(200);
  expect(await lists(user, { 'user-agent': 'another' })).toBe(403);
  // In the lane of pushes, and, by a header that is not read there, outside of it.
  for (const door of [{}, { origin: 'https://app.example.com' }]) {
    expect(await pushes(user, { ...headers, ...door })).toBe(410);
    expect(await pushes(user, { 'user-agent': 'another', ...door })).toBe(403);
  }
});

test('nobody is believed about TLS who is not believed about the address', async () => {
  expect(await lists('secure', { 'x-forwarded-proto': 'https' })).toBe(403);
  expect(await lists('secure', { 'x-forwarded-for': '198.51.100.7' })).toBe(403);
});
