import { expect, test } from 'vitest';
import type { Answer } from './support/management-endpoint.ts';
import { startBackend } from './support/start-backend.ts';

const ID = 'gbgA_A9XiQAYKEiI6A==';
const ok: Answer = { status: 200 };

test.each<[string, Answer]>([
  ['a 429', { status: 429, errorType: 'LimitExceededException' }],
  ['a 500', { status: 500 }],
  ['a 503', { status: 503 }],
  ['a connection that breaks before the answer', 'reset'],
])('after %s the push is sent again, signed anew, after a pause', async (_name, first) => {
  const { backend, management, ambient } = await startBackend();
  const answers: Answer[] = [first, ok];
  management.answer = () => answers.shift()!;
  const push = backend.pushToConnection(ID, 'x');
  await ambient.elapse(100);
  expect(await push).toBe(true);
  expect(management.received.map((call) => call.isSignatureRight)).toEqual([true, true]);
});

test('the pause doubles, and the third failure is the last', async () => {
  const { backend, management, ambient } = await startBackend();
  management.answer = () => ({ status: 500 });
  const push = backend.pushToConnection(ID, 'x').catch((error) => error);
  const start = ambient.now();
  await ambient.elapse(100);
  await ambient.elapse(200);
  expect(await push).toMatchObject({ name: 'InternalServerErrorException', status: 500 });
  expect(management.received).toHaveLength(3);
  expect(ambient.now() - start).toBe(300);
});

test.each<[string, Answer]>([
  ['400', { status: 400 }],
  ['403', { status: 403 }],
  ['410', { status: 410 }],
  ['413', { status: 413 }],
])('a %s is final', async (_name, answer) => {
  const { backend, management } = await startBackend();
  management.answer = () => answer;
  await backend.pushToConnection(ID, 'x').catch(() => {});
  expect(management.received).toHaveLength(1);
});

test('no answer within pushTimeoutMillis is a TimeoutError, and is not repeated', async () => {
  const { backend, management, ambient } = await startBackend({ pushTimeoutMillis: 700 });
  management.answer = () => 'hang';
  const push = backend.pushToConnection(ID, 'x').catch((error) => error);
  await ambient.elapse(700);
  expect(await push).toMatchObject({ name: 'TimeoutError', status: undefined });
  expect(management.received.length).toBeLessThanOrEqual(1);
});

test('a kept-alive socket the gateway has closed costs no push', async () => {
  const { backend, management, ambient } = await startBackend();
  await backend.pushToConnection(ID, 'first');
  const answers: Answer[] = ['reset', ok];
  management.answer = () => answers.shift()!;
  const push = backend.pushToConnection(ID, 'second');
  await ambient.elapse(100);
  expect(await push).toBe(true);
  expect(management.received.map((call) => call.text)).toEqual(['first', 'second', 'second']);
});
