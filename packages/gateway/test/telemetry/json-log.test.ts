import { expect, test } from 'vitest';
import { jsonLog } from '../../src/telemetry/json-log.ts';

function recorder() {
  const lines: string[] = [];
  const log = jsonLog({ destination: { write: (line: string) => void lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) };
}

test('an event is one JSON object on a line of its own', () => {
  const { log, lines, last } = recorder();
  log.event({ kind: 'connect', apiId: 'a1', route: '$connect', status: 200, millis: 12 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(last()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    event: 'connect',
    apiId: 'a1',
    route: '$connect',
    status: 200,
    millis: 12,
  });
});

test('an event that failed on our side or the backend is a warning; a close code is not', () => {
  const { log, last } = recorder();
  log.event({ kind: 'message', status: 502, millis: 1, reason: 'backend down' });
  expect(last()).toMatchObject({ level: 'warn', reason: 'backend down' });
  log.event({ kind: 'disconnect', status: 1006, millis: 1 });
  expect(last()).toMatchObject({ level: 'info' });
});

test('messages carry their level and fields', () => {
  const { log, last } = recorder();
  log.info('Postern ready', { port: 4080 });
  expect(last()).toMatchObject({ level: 'info', message: 'Postern ready', port: 4080 });
  log.warn('Slow disk');
  expect(last()).toMatchObject({ level: 'warn', message: 'Slow disk' });
});

test('an error carries its name, message, stack and cause', () => {
  const { log, last } = recorder();
  log.error('Cannot write', new TypeError('boom', { cause: new Error('disk gone') }), { key: 'a' });
  expect(last()).toMatchObject({
    level: 'error',
    message: 'Cannot write',
    key: 'a',
    error: { name: 'TypeError', message: 'boom', cause: 'disk gone' },
  });
  expect(last().error.stack).toContain('json-log.test.ts');
  log.error('Cannot write', 'a text somebody threw');
  expect(last().error).toEqual({ message: 'a text somebody threw' });
});

test('credentials are hidden wherever text is written', () => {
  const { log, lines } = recorder();
  const text = 'ws://host/production?token=abcdef';
  log.event({ kind: 'connect', status: 500, millis: 1, reason: text });
  log.info(text, { url: text });
  log.error(text, new Error(text, { cause: new Error(text) }));
  expect(lines.join('')).not.toContain('abcdef');
});

test('a line says which process wrote it, and stays one line whatever it is told', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  jsonLog({ destination, worker: 2 }).warn('two\nlines', { text: 'a\nb "c"', gone: undefined });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]*\n$/);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.any(String),
    worker: 2,
    text: 'a\nb "c"',
    message: 'two\nlines',
  });
});
