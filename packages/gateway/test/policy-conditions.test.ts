import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './support/start-gateway.ts';

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

let gateway: TestGateway;
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
          Statement: [{ Effect: 'Allow', Action: 'apigateway:GET', Resource: '*', Condition }],
        },
      ],
    })),
  });
  gateway.clock.jumpTo(Date.now());
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

async function lists(user: User, more: Record<string, string> = {}): Promise<number> {
  const { host, hostname } = new URL(gateway.url);
  const signer = new SignatureV4({
    service: 'apigateway',
    region: 'us-east-1',
    credentials: { accessKeyId: `AKIA${user}`, secretAccessKey: user },
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: 'http:',
    hostname,
    path: '/v2/apis',
    headers: { host },
  });
  const { host: _, ...rest } = headers;
  return (await fetch(`${gateway.url}/v2/apis`, { headers: { ...rest, ...more } })).status;
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
});

test('nobody is believed about TLS who is not believed about the address', async () => {
  expect(await lists('secure', { 'x-forwarded-proto': 'https' })).toBe(403);
  expect(await lists('secure', { 'x-forwarded-for': '198.51.100.7' })).toBe(403);
});
