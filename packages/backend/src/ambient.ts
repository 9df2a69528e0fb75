/**
 * Time and chance, injected so that tests move them instead of waiting for them.
 * `now` is epoch milliseconds, `after` takes milliseconds, `random` is in [0, 1).
 */
export interface Ambient {
  now(): number;
  after(millis: number, action: () => void): Cancel;
  random(): number;
}

export type Cancel = () => void;

export const systemAmbient: Ambient = {
  now: Date.now,
  after(millis, action) {
    const timer = setTimeout(action, millis);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Resolves `millis` milliseconds from now. */
export function sleep(ambient: Ambient, millis: number): Promise<void> {
  return new Promise((resolve) => {
    ambient.after(millis, resolve);
  });
}
