/**
 * Time, injectable so that tests move it instead of waiting. Everything is in milliseconds; the
 * value a timer returns is only ever handed back to the matching clear.
 */
export interface Timers {
  now(): number;
  setTimeout(action: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(action: () => void, intervalMs: number): unknown;
  clearInterval(timer: unknown): void;
}

/** The environment's timers, wrapped because browsers refuse them as methods of another object. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  setTimeout: (action, delayMs) => setTimeout(action, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as number),
  setInterval: (action, intervalMs) => setInterval(action, intervalMs),
  clearInterval: (timer) => clearInterval(timer as number),
};
