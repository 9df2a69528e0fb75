import { afterEach, expect, test, vi } from 'vitest';
import { useHarness } from './support/harness.ts';
import { Queue } from './support/queue.ts';

const harness = useHarness();
afterEach(() => vi.restoreAllMocks());

/** Pushes one more message and waits for it: everything pushed before has been dispatched. */
async function settled({ client, connection }: Awaited<ReturnType<typeof opened>>): Promise<void> {
  const heard = new Queue<unknown>();
  const off = client.on('settled', (message) => heard.push(message));
  connection.push({ type: 'settled' });
  await heard.next();
  off();
}

const opened = () => harness.connectAndOpen();

function spyOnWarnings(): unknown[] {
  const warnings: unknown[] = [];
  vi.spyOn(console, 'warn').mockImplementation((text) => warnings.push(text));
  return warnings;
}

test('a message goes to the handlers of its type, in the order they were added', async () => {
  const { client, connection } = await opened();
  const heard = new Queue<unknown>();
  client.on('new_comment', (message) => heard.push(['first', message]));
  client.on('new_comment', (message) => heard.push(['second', message]));
  client.on('unread_counts', (message) => heard.push(['other', message]));
  const message = { type: 'new_comment', thread_id: 't1' };
  connection.push(message);
  connection.push({ type: 'unread_counts', counts: { inbox: 2 } });
  expect(await heard.next()).toEqual(['first', message]);
  expect(await heard.next()).toEqual(['second', message]);
  expect(await heard.next()).toEqual(['other', { type: 'unread_counts', counts: { inbox: 2 } }]);
});

test('a handler of * hears every application message first', async () => {
  const one = await opened();
  const heard: string[] = [];
  one.client.on('known', () => heard.push('known'));
  one.client.on('*', (message) => heard.push(`*${message.type}`));
  one.client.onUnknown(() => heard.push('unknown'));
  for (const type of ['known', 'stranger', 'heartbeat', '*']) one.connection.push({ type });
  await settled(one);
  expect(heard).toEqual([
    '*known',
    'known',
    '*stranger',
    'unknown',
    '*heartbeat',
    '**',
    'unknown',
    '*settled',
  ]);
});

test('a removed handler hears nothing more; removing twice does no harm', async () => {
  const one = await opened();
  const heard: string[] = [];
  const handler = () => heard.push('kept');
  const off = one.client.on('note', handler);
  one.client.on('note', handler);
  off();
  off();
  one.connection.push({ type: 'note' });
  await settled(one);
  expect(heard).toEqual(['kept']);
});

test('a handler removed by an earlier one does not hear the message that removed it', async () => {
  const one = await opened();
  const heard: string[] = [];
  one.client.on('note', () => {
    heard.push('remover');
    off();
  });
  const off = one.client.on('note', () => heard.push('removed'));
  one.connection.push({ type: 'note' });
  await settled(one);
  expect(heard).toEqual(['remover']);
});

test('a type nobody handles is warned about once', async () => {
  const one = await opened();
  const warnings = spyOnWarnings();
  for (const type of ['stranger', 'stranger', 'constructor', '__proto__']) {
    one.connection.push(`{"type":"${type}"}`);
  }
  await settled(one);
  expect(warnings).toEqual([
    'Unknown message type: stranger',
    'Unknown message type: constructor',
    'Unknown message type: __proto__',
  ]);
});

test('nothing is warned about where a handler of * hears it', async () => {
  const one = await opened();
  const warnings = spyOnWarnings();
  const off = one.client.on('*', () => {});
  one.connection.push({ type: 'stranger' });
  await settled(one);
  off();
  one.connection.push({ type: 'stranger' });
  await settled(one);
  expect(warnings).toEqual(['Unknown message type: stranger']);
});

test('warnings end after a hundred different ones', async () => {
  const one = await opened();
  const warnings = spyOnWarnings();
  for (let number = 0; number < 150; number += 1) one.connection.push({ type: `type-${number}` });
  await settled(one);
  expect(warnings).toHaveLength(100);
});

test('a listener for unknown messages replaces the warning and gets JSON without a type', async () => {
  const one = await opened();
  const warnings = spyOnWarnings();
  const unknown: unknown[] = [];
  one.client.onUnknown((message) => unknown.push(message));
  const frames = [{ type: 'stranger' }, { type: 7 }, { hello: 1 }, 42, null, [1]];
  for (const frame of frames) one.connection.push(JSON.stringify(frame));
  await settled(one);
  expect(unknown).toEqual(frames);
  expect(warnings).toEqual([]);
});

test('a heartbeat asks for nothing', async () => {
  const one = await opened();
  const warnings = spyOnWarnings();
  const unknown: unknown[] = [];
  one.client.onUnknown((message) => unknown.push(message));
  one.connection.push({ type: 'heartbeat' });
  await settled(one);
  expect([...unknown, ...warnings]).toEqual([]);
});

test("the gateway's error frames go to their own listener only", async () => {
  const one = await opened();
  const frames: unknown[] = [];
  const others: unknown[] = [];
  one.client.onGatewayError((frame) => frames.push(frame));
  one.client.onUnknown((message) => others.push(message));
  one.connection.push('{"message": "Forbidden", "connectionId":"abc==", "requestId":"EP5x="}');
  one.connection.push('{"message": "Bad request body", "connectionId":"abc==", "messageId":"m="}');
  one.connection.push('{"message": "an application\'s own", "connectionId":"abc=="}');
  await settled(one);
  expect(frames).toEqual([
    { message: 'Forbidden', connectionId: 'abc==', requestId: 'EP5x=' },
    { message: 'Bad request body', connectionId: 'abc==', messageId: 'm=' },
  ]);
  expect(others).toHaveLength(1);
});

test('frames that are not JSON go to their own listener only', async () => {
  const one = await opened();
  const raw: unknown[] = [];
  const others: unknown[] = [];
  one.client.onRawFrame((data) => raw.push(data));
  one.client.onUnknown((message) => others.push(message));
  one.connection.push('pong');
  one.connection.push('');
  one.connection.push(Buffer.from('{"type":"binary"}'));
  await settled(one);
  expect(raw).toEqual(['pong', '', Buffer.from('{"type":"binary"}')]);
  expect(others).toEqual([]);
});

test('without listeners, gateway errors, raw and untyped frames are warned about once', async () => {
  const one = await opened();
  const warnings = spyOnWarnings();
  for (let time = 0; time < 2; time += 1) {
    one.connection.push('{"message": "Forbidden", "connectionId":"a", "requestId":"b"}');
    one.connection.push('not JSON');
    one.connection.push('{}');
  }
  await settled(one);
  expect(warnings).toEqual([
    'The gateway answered: Forbidden',
    'Received a frame that is not JSON',
    'Received a message without a type',
  ]);
});
