import { performance } from 'node:perf_hooks';

/**
 * Time, injected so that tests move it instead of waiting for it.
 * `now` is epoch milliseconds; `after` and `every` take milliseconds and return a canceller.
 */
export interface Clock {
  now(): number;
  /** Milliseconds with fractions since some moment, never set back: for how long something took. */
  ticks(): number;
  /**
   * `now` and `ticks` as of the moment when this turn of the event loop first asked for either: for what
   * comes in crowds, and was there when the turn began.
   */
  turnNow(): number;
  turnTicks(): number;
  /**
   * Epoch milliseconds of a moment of `ticks`, by the time of day as it is set now. However often it is
   * asked for, one moment has one time, until somebody sets the time of day.
   */
  timeOf(ticks: number): number;
  after(millis: number, action: () => void): Cancel;
  every(millis: number, action: () => void): Cancel;
}

export type Cancel = () => void;

export const systemClock: Clock = {
  now: Date.now,
  ticks: () => performance.now(),
  turnNow() {
    if (!isTurnKnown) lookAtTurn();
    return nowOfTurn;
  },
  turnTicks() {
    if (!isTurnKnown) lookAtTurn();
    return ticksOfTurn;
  },
  timeOf(ticks) {
    const before = performance.now();
    const now = Date.now();
    const after = performance.now();
    // Who was held up between two looks at a clock cannot say that one of them was set.
    if (after - before < 1 && Math.abs(now - after - ticksBeganAt) >= WAVERS_BY_MILLIS) {
      ticksBeganAt = now - after;
    }
    return Math.round(ticksBeganAt + HALF_MILLIS + ticks);
  },
  after(millis, action) {
    const timer = setTimeout(action, millis);
    return () => clearTimeout(timer);
  },
  every(millis, action) {
    const timer = setInterval(action, millis);
    // A sweep must not keep an otherwise finished process alive.
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** `now` has whole milliseconds and `ticks` has fractions: between them is never twice the same. */
const WAVERS_BY_MILLIS = 2;
/** By which `now` is late, on average. */
const HALF_MILLIS = 0.5;
let ticksBeganAt = Date.now() - performance.now();

let isTurnKnown = false;
let nowOfTurn = 0;
let ticksOfTurn = 0;

function lookAtTurn(): void {
  isTurnKnown = true;
  nowOfTurn = Date.now();
  ticksOfTurn = performance.now();
  setImmediate(endTurn);
}

function endTurn(): void {
  isTurnKnown = false;
}
