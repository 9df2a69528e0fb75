import { describe, expect, test } from 'vitest';
import { connect, refusal } from '../support/test-socket.ts';
import { useBench } from './support.ts';

const bench = useBench();
const from = (origin: string) => ({ headers: { origin } });

test('as on AWS, the pages of every origin may connect', async () => {
  const { wsUrl } = await bench.api({});
  await connect(wsUrl, from('https://anywhere.example'));
});

describe('with allowedOrigins', () => {
  const allowed = 'https://app.example.com https://*.pages.example http://localhost:5173 null';

  test.each([
    'https://app.example.com',
    'HTTPS://App.Example.com',
    'https://one.pages.example',
    'https://one.more.pages.example',
    'http://localhost:5173',
    'null',
  ])('%s comes in', async (origin) => {
    const { wsUrl } = await bench.api({ allowedOrigins: allowed });
    await connect(wsUrl, from(origin));
  });

  test.each([
    'https://example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.attacker.example',
    'https://attacker.example/https://app.example.com',
    'https://pages.example',
    'https://.pages.example',
    'https://attacker.example/.pages.example',
    'https://attacker.example#.pages.example',
    'https://user@one.pages.example',
    'http://localhost:5174',
    'file://',
    '',
  ])('"%s" does not: 403 Forbidden, and nobody is asked', async (origin) => {
    const routes = { $connect: { url: `${bench.backend.url}/connect` } };
    const { wsUrl } = await bench.api({ allowedOrigins: allowed }, routes);
    const refused = await refusal(wsUrl, from(origin));
    expect(refused.status).toBe(403);
    expect(refused.body).toBe('{"message":"Forbidden"}');
    expect(refused.headers['x-amzn-errortype']).toBe('ForbiddenException');
    expect(bench.backend.requests('/connect').size).toBe(0);
  });

  test('a client that is no browser sends none, and comes in', async () => {
    const { wsUrl } = await bench.api({ allowedOrigins: allowed });
    await connect(wsUrl);
  });

  test('changes take effect at once', async () => {
    const api = await bench.api({ allowedOrigins: 'https://one.example' });
    await bench.change(api, { allowedOrigins: 'https://two.example' });
    await connect(api.wsUrl, from('https://two.example'));
    expect((await refusal(api.wsUrl, from('https://one.example'))).status).toBe(403);
    await bench.change(api, { allowedOrigins: undefined });
    await connect(api.wsUrl, from('https://one.example'));
  });
});

test.each([
  '*',
  'https://',
  'app.example.com',
  'https://app.example.com/',
  'https://a.*.example',
  'https://App.example.com',
  'https://app.example.com,https://b.example',
  ' ',
])('"%s" is no list of origins', async (value) => {
  await expect(bench.api({ allowedOrigins: value })).rejects.toThrow(
    'Invalid tag value of key postern:allowedOrigins. Must be origins such as ' +
      'https://app.example.com or https://*.example.com, spaces between',
  );
});
