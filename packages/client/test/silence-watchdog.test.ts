import { beforeEach, expect, test } from 'vitest';
import { SilenceWatchdog } from '../src/silence-watchdog.ts';
import { ManualTimers } from './support/manual-timers.ts';

let timers: ManualTimers;
let silences: number;
let watchdog: SilenceWatchdog;

beforeEach(() => {
  timers = new ManualTimers();
  silences = 0;
  const options = { silenceTimeoutMs: 120_000, silenceCheckIntervalMs: 30_000, timers };
  watchdog = new SilenceWatchdog(options, () => {
    silences += 1;
  });
});

test('silence of exactly the timeout is not too long, the next look reports it', () => {
  watchdog.start();
  timers.advance(120_000);
  expect(silences).toBe(0);
  timers.advance(30_000);
  expect(silences).toBe(1);
});

test('silence is reported at each look until something is heard', () => {
  watchdog.start();
  timers.advance(210_000);
  expect(silences).toBe(3);
  watchdog.heard();
  timers.advance(120_000);
  expect(silences).toBe(3);
});

test('something heard just before the timeout puts the report off', () => {
  watchdog.start();
  timers.advance(119_000);
  watchdog.heard();
  timers.advance(120_000);
  expect(silences).toBe(0);
});

test('a stopped watchdog reports nothing and leaves no timer', () => {
  watchdog.start();
  watchdog.stop();
  watchdog.stop();
  expect(timers.pending).toBe(0);
  timers.advance(600_000);
  expect(silences).toBe(0);
});

test('started again, it forgets the silence before', () => {
  watchdog.start();
  timers.advance(100_000);
  watchdog.start();
  expect(timers.pending).toBe(1);
  timers.advance(120_000);
  expect(silences).toBe(0);
});
