import { describe, expect, test } from 'vitest';
import { addressList } from '../src/ambient/address-list.ts';
import { clientAddress } from '../src/data-plane/client-address.ts';
import { startBackend } from './support/recording-backend.ts';
import { startGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

const address = (trusted: string, peer: string, forwarded?: string) =>
  clientAddress(trusted)({
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  });

test.each([
  ['', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['10.0.0.0/8', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['10.0.0.0/8', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['10.0.0.0/8', '::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['10.0.0.0/8', '10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['10.0.0.0/8', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['10.0.0.0/8', '10.1.2.3', 'nonsense', '10.1.2.3'],
  ['10.0.0.0/8', '10.1.2.3', undefined, '10.1.2.3'],
  ['192.0.2.7', '192.0.2.7', '198.51.100.1', '198.51.100.1'],
  ['2001:db8::/32, 10.0.0.0/8', '2001:db8::1', '2001:db9::1', '2001:db9::1'],
])('trusting "%s", a peer %s that forwards %s is %s', (trusted, peer, forwarded, expected) => {
  expect(address(trusted, peer, forwarded)).toBe(expected);
});

describe('what is no address says so', () => {
  test.each(['nonsense', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '2001:db8::/129'])(
    '%s',
    (text) => {
      expect(() => addressList(text)).toThrow(/is no address and no range/);
    },
  );
});

test('a trusted balancer names the client to backends, mappings and GetConnection', async () => {
  const backend = await startBackend();
  const gateway = await startGateway({ settings: { trustedProxies: '127.0.0.0/8' } });
  const api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: {
          'integration.request.header.ip': 'context.identity.sourceIp',
          'integration.request.header.connectionId': 'context.connectionId',
        },
      },
    },
  });
  await connect(api.wsUrl, { headers: { 'X-Forwarded-For': '198.51.100.1' } });
  const { headers } = await backend.requests('/connect').next();
  expect(headers).toMatchObject({ ip: '198.51.100.1', 'x-forwarded-for': '198.51.100.1' });
  const id = encodeURIComponent(String(headers.connectionid));
  const described = await fetch(`${api.endpoint}/@connections/${id}`);
  expect(await described.text()).toContain('"sourceIp" : "198.51.100.1"');
  await gateway.stop();
  await backend.stop();
});
