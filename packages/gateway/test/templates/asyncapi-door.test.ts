import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.stop());

const schema = JSON.parse(
  readFileSync(
    join(import.meta.dirname, 'fixtures', 'asyncapi', 'asyncapi-3.0.0.schema.json'),
    'utf8',
  ),
);

test('a stage describes itself, as it is deployed and as it was reached', async () => {
  const api = await gateway.createApi({
    routes: {
      $connect: { url: 'http://secret.internal/connect' },
      talk: { url: 'http://secret.internal/talk', twoWay: true },
    },
  });
  const answer = await fetch(`${gateway.url}/test/@asyncapi.json`);
  expect(answer.headers.get('content-type')).toBe('application/json');
  const text = await answer.text();
  // Backends are nobody's business who only connects.
  expect(text).not.toContain('secret.internal');
  expect(text).not.toContain('x-postern');
  const document = JSON.parse(text);
  expect(new Validator(schema, '7', false).validate(document).errors).toEqual([]);
  expect(document.servers).toMatchObject({
    test: { host: `127.0.0.1:${gateway.port}`, pathname: '/test', protocol: 'ws' },
    'test-management': { pathname: '/test', protocol: 'http' },
  });
  expect(Object.keys(document.channels)).toEqual(['connect', 'talk', 'connectionManagement']);
  expect(document.operations.onTalk.reply).toBeDefined();

  const byId = await (await fetch(`${gateway.url}/${api.apiId}/test/@asyncapi.json`)).json();
  expect(byId.servers.test.pathname).toBe(`/${api.apiId}/test`);

  await gateway.control('POST', `/v2/apis/${api.apiId}/routes`, { routeKey: 'later' });
  const before = await (await fetch(`${gateway.url}/test/@asyncapi.json`)).json();
  expect(Object.keys(before.channels)).not.toContain('later');
  await api.deploy();
  const after = await (await fetch(`${gateway.url}/test/@asyncapi.json`)).json();
  expect(Object.keys(after.channels)).toContain('later');
});

test('where there is no stage there is no description', async () => {
  for (const path of ['/nothing/@asyncapi.json', '/a/b/@asyncapi.json', '/@asyncapi.json']) {
    expect({ path, status: (await fetch(gateway.url + path)).status }).toEqual({
      path,
      status: 403,
    });
  }
});
