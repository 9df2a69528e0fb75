/**
 * Time, injected so that tests move it instead of waiting for it.
 * `now` is epoch milliseconds; `after` and `every` take milliseconds and return a canceller.
 */
export interface Clock {
  now(): number;
  /** Milliseconds with fractions since some moment, never set back: for how long something took. */
  ticks(): number;
  after(millis: number, action: () => void): Cancel;
  every(millis: number, action: () => void): Cancel;
}

export type Cancel = () => void;

export const systemClock: Clock = {
  now: Date.now,
  ticks: () => performance.now(),
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
