import { afterEach, expect, test, vi } from 'vitest';
import { credentialReader } from '../src/push/credentials.ts';
import { startBackend } from './support/start-backend.ts';

const key = (accessKeyId: string, expiration?: Date) => ({
  accessKeyId,
  secretAccessKey: 'secret',
  expiration,
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the environment is read where the options give nothing', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDENV');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  const { backend, management } = await startBackend({ credentials: undefined, region: undefined });
  await backend.pushToConnection('A=', 'x');
  const { headers } = management.received[0]!;
  expect(headers.authorization).toMatch(/Credential=AKIDENV\/\d+\/eu-central-1\/execute-api/);
  expect(headers['x-amz-security-token']).toBe('session');
});

test('half a key in the environment is none', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDENV');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
  expect(await credentialReader(undefined, Date.now)()).toBeUndefined();
});

test('a function is asked once, by however many pushes', async () => {
  let asked = 0;
  const read = credentialReader(async () => key(`K${++asked}`), Date.now);
  const given = await Promise.all([read(), read(), read()]);
  expect(given.map((it) => it?.accessKeyId)).toEqual(['K1', 'K1', 'K1']);
});

test('a function is asked again a minute before its key expires', async () => {
  let now = 0;
  let asked = 0;
  const read = credentialReader(
    () => key(`K${++asked}`, new Date(now + 3_600_000)),
    () => now,
  );
  await read();
  now = 3_539_999;
  expect((await read())?.accessKeyId).toBe('K1');
  now = 3_540_000;
  expect((await read())?.accessKeyId).toBe('K2');
});

test('a failed fetch is not kept', async () => {
  let asked = 0;
  const read = credentialReader(() => {
    if (++asked === 1) throw new Error('no metadata service');
    return key('K2');
  }, Date.now);
  await expect(read()).rejects.toThrow('no metadata service');
  expect((await read())?.accessKeyId).toBe('K2');
});
