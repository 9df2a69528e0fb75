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
