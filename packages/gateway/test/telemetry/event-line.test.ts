import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventLine } from '../../src/telemetry/event-line.ts';
import type { LogEvent } from '../../src/telemetry/log.ts';

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\n'),
);
const counts = fc.nat();
/** All there are: a new one does not compile until it is here, and is not written until it is there. */
const members: { readonly [Name in keyof LogEvent]-?: fc.Arbitrary<LogEvent[Name]> } = {
  kind: fc.constantFrom('connect', 'message', 'push', 'fan-out', 'get', 'delete', 'disconnect'),
  apiId: texts,
  stage: texts,
  connectionId: texts,
  requestId: texts,
  route: texts,
  status: fc.constantFrom(200, 403, 499, 500, 502, 1000, 1011),
  millis: fc.oneof(counts, fc.double({ min: 0, max: 30_000, noNaN: true })),
  bytes: counts,
  // Words that `redact` has nothing to hide in.
  reason: fc.stringMatching(/^[ -z"\\\n\u0416]{1,12}$/),
  rule: fc.constantFrom('deleted', 'stage-not-found'),
  delivered: counts,
  refused: counts,
  gone: counts,
  retry: counts,
};
const required: ('kind' | 'status' | 'millis')[] = ['kind', 'status', 'millis'];
const events = fc.record(members, { requiredKeys: required }) as fc.Arbitrary<LogEvent>;
/** From 1970 on, to the year 2100. */
const moments = fc.integer({ min: 0, max: 4_102_444_800_000 });

test('a line is what JSON.stringify makes of the same members, whatever they hold', () => {
  fc.assert(
    fc.property(events, moments, (event, now) => {
      const { kind, ...rest } = event;
      const level = kind !== 'disconnect' && event.status >= 500 ? 'warn' : 'info';
      const time = new Date(now).toISOString();
      const expected = { level, time, worker: 3, event: kind, ...rest };
      const line = eventLine(event, now, ',"worker":3');
      expect(JSON.parse(line)).toEqual(expected);
      expect(line).toBe(`${JSON.stringify(JSON.parse(line))}\n`);
      expect(Object.keys(JSON.parse(line)).slice(0, 4)).toEqual(Object.keys(expected).slice(0, 4));
    }),
    { numRuns: 2000 },
  );
});

test('without a worker, and with members that are undefined, there is nothing of them', () => {
  const event: LogEvent = { kind: 'push', status: 200, millis: 0, reason: undefined };
  expect(eventLine(event, 0, '')).toBe(
    '{"level":"info","time":"1970-01-01T00:00:00.000Z","event":"push","status":200,"millis":0}\n',
  );
});

test('the moments of one second differ in their milliseconds alone', () => {
  const now = Date.UTC(2026, 10, 22, 12, 0, 0);
  for (const millis of [0, 7, 42, 999, 1000]) {
    const line = eventLine({ kind: 'push', status: 200, millis: 0 }, now + millis, '');
    expect(JSON.parse(line).time).toBe(new Date(now + millis).toISOString());
  }
});
