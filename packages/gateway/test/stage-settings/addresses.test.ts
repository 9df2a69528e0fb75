import { describe, expect, test } from 'vitest';
import { groupOf } from '../../src/throttling/address-limits.ts';
import { connect, refusal, type TestSocket } from '../support/test-socket.ts';
import { useBench } from './support.ts';

const bench = useBench({ trustedProxies: '127.0.0.1' });
const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
const HERE = from('198.51.100.1');
const THERE = from('198.51.100.2');

const tooMany = /^\{"message": "Too Many Requests", "connectionId":"[\w-]{18}==", "requestId":/;

describe('connectsPerSecondPerAddressMax', () => {
  test('one past it is refused with 429, and nobody else; a second later there is room', async () => {
    const { wsUrl } = await bench.api({ connectsPerSecondPerAddressMax: 3 });
    for (let count = 0; count < 3; count += 1) await connect(wsUrl, HERE);
    const refused = await refusal(wsUrl, HERE);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatch(tooMany);
    await connect(wsUrl, THERE);
    bench.gateway.clock.advance(1000);
    for (let count = 0; count < 3; count += 1) await connect(wsUrl, HERE);
    expect((await refusal(wsUrl, HERE)).status).toBe(429);
  });

  test('the log says which limit it was', async () => {
    const { wsUrl } = await bench.api({ connectsPerSecondPerAddressMax: 1 });
    await connect(wsUrl, HERE);
    await refusal(wsUrl, HERE);
    await bench.gateway.events.next();
    expect(await bench.gateway.events.next()).toMatchObject({
      kind: 'connect',
      status: 429,
      reason: 'throttled: connectsPerSecondPerAddressMax is reached',
    });
  });

  test('a limit of its own for each stage, in force as soon as it is written', async () => {
    const one = await bench.api({});
    const other = await bench.api({});
    await bench.change(one, { connectsPerSecondPerAddressMax: 1 });
    await connect(one.wsUrl, HERE);
    expect((await refusal(one.wsUrl, HERE)).status).toBe(429);
    await connect(other.wsUrl, HERE);
    await bench.change(one, { connectsPerSecondPerAddressMax: 2 });
    await connect(one.wsUrl, HERE);
    await bench.change(one, { connectsPerSecondPerAddressMax: undefined });
    await connect(one.wsUrl, HERE);
    await connect(one.wsUrl, HERE);
  });
});

describe('connectionsPerAddressMax', () => {
  async function gone(socket: TestSocket) {
    socket.close();
    await bench.disconnect();
  }

  test('one past it is refused with 429; one that is closed makes room', async () => {
    const { wsUrl } = await bench.api({ connectionsPerAddressMax: 2 });
    const first = await connect(wsUrl, HERE);
    await connect(wsUrl, HERE);
    expect((await refusal(wsUrl, HERE)).body).toMatch(tooMany);
    await connect(wsUrl, THERE);
    await gone(first);
    await connect(wsUrl, HERE);
    expect((await refusal(wsUrl, HERE)).status).toBe(429);
  });

  test('those that wait for $connect count, those that were refused do not', async () => {
    const routes = { $connect: { url: `${bench.backend.url}/connect` } };
    const { wsUrl } = await bench.api({ connectionsPerAddressMax: 1 }, routes);
    let answer = (_status: number) => {};
    bench.backend.answer('/connect', (_, response) => {
      answer = (status) => response.writeHead(status).end();
    });
    const waiting = refusal(wsUrl, HERE);
    await bench.backend.requests('/connect').next();
    expect((await refusal(wsUrl, HERE)).status).toBe(429);
    answer(401);
    expect((await waiting).status).toBe(401);
    const next = connect(wsUrl, HERE);
    await bench.backend.requests('/connect').next();
    answer(200);
    await next;
  });
});

test('the addresses of one IPv6 network are one, those of another are not', async () => {
  const { wsUrl } = await bench.api({ connectionsPerAddressMax: 1 });
  await connect(wsUrl, from('2001:db8:1:2::1'));
  expect((await refusal(wsUrl, from('2001:db8:1:2:ffff::2'))).status).toBe(429);
  await connect(wsUrl, from('2001:db8:1:3::1'));
});

test.each([
  ['198.51.100.1', '198.51.100.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8::5:6:7:8:9', '2001:db8:0:5::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, group) => {
  expect(groupOf(address)).toBe(group);
});
