import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventLine } from '../../src/telemetry/event-line.ts';
import type { LogEvent } from '../../src/telemetry/log.ts';

/** What `JSON.stringify` makes of the same members, in the line's order. */
function stringified(event: LogEvent, now: number, worker?: number): string {
  const { kind, status, millis, bytes, reason, rule, ...names } = event;
  const { apiId, stage, connectionId, requestId, route } = names;
  const level = kind !== 'disconnect' && status >= 500 ? 'warn' : 'info';
  const time = new Date(now).toISOString();
  const named = { apiId, stage, connectionId, requestId, route };
  const rest = { status, millis, bytes, reason: reason || undefined, rule };
  return `${JSON.stringify({ level, time, worker, event: kind, ...named, ...rest })}\n`;
}

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\n'),
);
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const events = fc.record({
  kind: fc.constantFrom('connect', 'message', 'push', 'get', 'delete', 'disconnect', 'control'),
  apiId: optional(texts),
  stage: optional(texts),
  connectionId: optional(texts),
  requestId: optional(texts),
  route: optional(texts),
  status: fc.constantFrom(200, 403, 499, 500, 502, 1000, 1011),
  millis: fc.oneof(fc.nat(), fc.double({ min: 0, max: 30_000, noNaN: true })),
  bytes: optional(fc.nat()),
  // Words that `redact` has nothing to hide in.
  reason: optional(fc.stringMatching(/^[ -z"\\\n\u0416]{0,12}$/)),
  rule: optional(fc.constantFrom('deleted', 'stage-not-found')),
}) as fc.Arbitrary<LogEvent>;
/** From 1970 on, to the year 2100. */
const moments = fc.integer({ min: 0, max: 4_102_444_800_000 });

test('a line is what JSON.stringify makes of the same members, whatever they hold', () => {
  fc.assert(
    fc.property(events, moments, (event, now) => {
      expect(eventLine(event, now, '')).toBe(stringified(event, now));
      expect(eventLine(event, now, ',"worker":3')).toBe(stringified(event, now, 3));
    }),
    { numRuns: 2000 },
  );
});

test('the moments of one second differ in their milliseconds alone', () => {
  const now = Date.UTC(2026, 10, 22, 12, 0, 0);
  for (const millis of [0, 7, 42, 999, 1000]) {
    const line = eventLine({ kind: 'push', status: 200, millis: 0 }, now + millis, '');
    expect(JSON.parse(line).time).toBe(new Date(now + millis).toISOString());
  }
});
