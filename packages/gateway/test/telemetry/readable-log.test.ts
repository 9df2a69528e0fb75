import { expect, test } from 'vitest';
import { usesColor } from '../../src/telemetry/color.ts';
import type { LogEvent } from '../../src/telemetry/log.ts';
import { type ReadableLogOptions, readableLog } from '../../src/telemetry/readable-log.ts';

const NOON = new Date(2026, 10, 22, 12, 4, 31, 7).getTime();
const message: LogEvent = {
  kind: 'message',
  apiId: 'chatchatch',
  stage: 'production',
  connectionId: 'L0SM9cOFvHcCIhw=',
  requestId: 'L0SM9cOFvHcCIhx=',
  route: 'sendMessage',
  status: 200,
  millis: 11.6,
};

function recorder(options: Partial<ReadableLogOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  return { lines, log: readableLog({ write, now: () => NOON, color: false, ...options }) };
}

test('an event is one aligned line: time, kind, route, connection, status, milliseconds', () => {
  const { lines, log } = recorder();
  log.event({ ...message, kind: 'connect', route: '$connect', status: 502, millis: 1234 });
  log.event(message);
  log.event({ ...message, kind: 'disconnect', route: '$disconnect', status: 1001, reason: 'gone' });
  expect(lines).toEqual([
    '12:04:31.007 connect    $connect         L0SM9cOF  502  1234 ms',
    '12:04:31.007 message    sendMessage      L0SM9cOF  200    12 ms',
    '12:04:31.007 disconnect $disconnect      L0SM9cOF 1001    12 ms  gone',
  ]);
});

test('an event without a route or a connection keeps the columns', () => {
  const { lines, log } = recorder();
  log.event({ kind: 'control', route: 'CreateDeployment', status: 201, millis: 3 });
  const route = 'POST /@connections/{connectionId}';
  log.event({ kind: 'push', route, connectionId: 'L0SM9cOFvHcCIhw=', status: 410, millis: 0 });
  log.event({ kind: 'message', route: 'aVeryLongRouteKeyIndeed', status: 200, millis: 1 });
  expect(lines).toEqual([
    '12:04:31.007 control    CreateDeployment           201     3 ms',
    '12:04:31.007 push                        L0SM9cOF  410     0 ms',
    '12:04:31.007 message    aVeryLongRouteK…           200     1 ms',
  ]);
});

test('a route key or a reason cannot forge a second line or colour the terminal', () => {
  const { lines, log } = recorder();
  log.event({ ...message, route: 'a\nb', reason: 'x\r\n12:04:31.007 push\u001b[31m\u2028' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('a\\nb');
  expect(lines[0]).toContain('x\\r\\n12:04:31.007 push\\u001b[31m');
  expect(lines[0]).not.toMatch(/[\p{Cc}\p{Zl}]/u);
});

test('verbose adds apiId, stage, requestId and bytes', () => {
  const { lines, log } = recorder({ verbose: true });
  log.event({ ...message, bytes: 17 });
  expect(lines[0]).toMatch(
    / {2}apiId=chatchatch {2}stage=production {2}requestId=L0SM9cOFvHcCIhx= {2}bytes=17$/,
  );
});

test('information, warnings and errors are sentences with their fields', () => {
  const { lines, log } = recorder();
  log.info('Deployed', { apiId: 'chatchatch', stage: undefined });
  log.warn('Slow disk', { millis: 900 });
  log.error('Cannot reach the store', new Error('boom', { cause: new Error('disk gone') }));
  expect(lines[0]).toBe('12:04:31.007 Deployed  apiId=chatchatch');
  expect(lines[1]).toBe('12:04:31.007 warning Slow disk  millis=900');
  expect(lines[2]).toBe('12:04:31.007 error Cannot reach the store: boom (disk gone)');
  expect(lines[3]).toMatch(/^ {4}at .*readable-log\.test\.ts/);
});

test('credentials in a message or a reason are hidden', () => {
  const { lines, log } = recorder();
  log.event({ ...message, reason: 'GET /?token=abcdef failed' });
  log.error('Cannot call', new Error('Authorization: Bearer abcdefghij'));
  expect(lines.join('\n')).not.toMatch(/abcdef/);
});

test('colours mark the status, and only when asked for', () => {
  const { lines, log } = recorder({ color: true });
  log.event({ ...message, status: 200 });
  log.event({ ...message, status: 403 });
  log.event({ ...message, status: 502 });
  const start = String.fromCharCode(27);
  expect(lines[0]).toContain(`${start}[32m 200${start}[0m`);
  expect(lines[1]).toContain(`${start}[33m 403${start}[0m`);
  expect(lines[2]).toContain(`${start}[31m 502${start}[0m`);
});

test('colours are for terminals, and NO_COLOR turns them off', () => {
  expect(usesColor({ isTTY: true }, {})).toBe(true);
  expect(usesColor({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
  expect(usesColor({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(usesColor({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(usesColor({}, {})).toBe(false);
});
