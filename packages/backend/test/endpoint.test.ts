import { expect, test } from 'vitest';
import { createBackend } from '../src/index.ts';
import { parseEndpoint, regionOf } from '../src/push/endpoint.ts';

const AWS = 'kt2quqdplj.execute-api.us-east-1.amazonaws.com';

function messageFor(endpoint: string | undefined): string {
  try {
    createBackend({ endpoint, authenticate: () => null });
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
  throw new Error(`${endpoint} was accepted`);
}

test.each([
  [`wss://${AWS}/production`, `https://${AWS}/production`],
  ['ws://127.0.0.1:4080/production', 'http://127.0.0.1:4080/production'],
  [`https://${AWS}/production/@connections`, `https://${AWS}/production`],
  [`https://${AWS}/production/@connections/abc%3D`, `https://${AWS}/production`],
  [`https://${AWS}/production/%40connections/`, `https://${AWS}/production`],
  [`wss://${AWS}/production/@connections/`, `https://${AWS}/production`],
  [`${AWS}/production`, `https://${AWS}/production`],
  [`ftp://${AWS}/production`, `https://${AWS}/production`],
])('the endpoint %s is refused with the one to write', (written, instead) => {
  expect(messageFor(written)).toContain(`write "${instead}" instead`);
});

test.each([undefined, '', '  '])('a missing endpoint (%j) is refused with its form', (written) => {
  expect(messageFor(written)).toBe(
    'endpoint is missing: write the https address of the stage,' +
      ' https://<API_ID>.execute-api.<REGION>.amazonaws.com/<STAGE>,' +
      ' or http://127.0.0.1:4080/<STAGE>',
  );
});

test.each([`https://${AWS}`, `https://${AWS}/`, 'http://localhost:4080', 'http://[::1]:4080/'])(
  'the endpoint %s is refused for its missing stage',
  (written) => {
    const origin = new URL(written).origin;
    expect(messageFor(written)).toContain(`has no stage: write "${origin}/<STAGE>"`);
  },
);

test('a placeholder left in the endpoint is pointed out', () => {
  expect(messageFor('https://<API_ID>.execute-api.us-east-1.amazonaws.com/dev')).toContain(
    'still has a placeholder',
  );
});

test.each(['https://exa mple.com/dev', 'https://:4080/dev'])('%s is not a URL', (written) => {
  expect(messageFor(written)).toContain('is not a URL');
});

test('an endpoint with a query or a password is refused without showing the password', () => {
  expect(messageFor('https://host.example/dev?a=1')).toContain('may only have');
  expect(messageFor('https://me:hunter2@host.example/dev')).not.toContain('hunter2');
});

test('a custom domain needs no stage, and a trailing slash is no harm', () => {
  expect(parseEndpoint('https://ws.example.com').stagePath).toBe('');
  expect(parseEndpoint(' https://ws.example.com/v1/ ').stagePath).toBe('/v1');
  expect(parseEndpoint('http://127.0.0.1:4080/apiid12345/production').stagePath).toBe(
    '/apiid12345/production',
  );
});

test("the region is read from Amazon's host names alone", () => {
  expect(regionOf(parseEndpoint(`https://${AWS}/dev`))).toBe('us-east-1');
  expect(regionOf(parseEndpoint('https://a.execute-api.cn-north-1.amazonaws.com.cn/dev'))).toBe(
    'cn-north-1',
  );
  expect(regionOf(parseEndpoint('https://ws.example.com/dev'))).toBeUndefined();
});

test('an endpoint given as a function is checked when it is asked for', async () => {
  const backend = createBackend({
    endpoint: () => 'wss://h.example/dev',
    authenticate: () => null,
  });
  await expect(backend.pushToConnection('a=', 'x')).rejects.toThrow('https://h.example/dev');
});

test('a client makes the endpoint unnecessary', () => {
  const client = {
    postToConnection: async () => {},
    getConnection: async () => {},
    deleteConnection: async () => {},
  };
  expect(() => createBackend({ client, authenticate: () => null })).not.toThrow();
});
