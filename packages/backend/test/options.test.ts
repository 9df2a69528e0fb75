import { expect, test } from 'vitest';
import { type Backend, type BackendOptions, createBackend } from '../src/index.ts';

const make = (options: Partial<BackendOptions>) =>
  createBackend({ endpoint: 'https://h.example/dev', authenticate: () => null, ...options });

test.each<[string, Partial<BackendOptions>]>([
  ['paths.connect "ws/connect" must begin with /', { paths: { connect: 'ws/connect' } }],
  ['paths.message "/ws/*" must begin with /', { paths: { message: '/ws/*' } }],
  ['debug.basePath "debug"', { debug: { authorize: () => true, basePath: 'debug' } }],
  ['pushConcurrency 0 must be a whole number', { pushConcurrency: 0 }],
  ['pushAttemptsMax 1.5 must be', { pushAttemptsMax: 1.5 }],
  ['pushTimeoutMillis NaN must be', { pushTimeoutMillis: Number.NaN }],
  ['authenticate is missing', { authenticate: undefined as unknown as () => null }],
])('refuses at once with: %s', (message, options) => {
  expect(() => make(options)).toThrow(TypeError);
  expect(() => make(options)).toThrow(message);
});

test('user ids are plain strings unless the caller names a type', async () => {
  type UserId = string & { readonly isUserId: true };
  const branded: Backend<UserId> = createBackend<UserId>({
    endpoint: 'https://h.example/dev',
    authenticate: (token) => (token ?? null) as UserId | null,
  });
  // @ts-expect-error a plain string is no UserId
  expect(await branded.pushToUser('ada', 'x')).toBe(false);

  const plain = createBackend({
    endpoint: 'https://h.example/dev',
    authenticate: () => 'ada' as const,
  });
  expect(await plain.pushToUser('bob', 'x')).toBe(false);
});
