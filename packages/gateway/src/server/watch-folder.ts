import { type FSWatcher, watch } from 'node:fs';
import type { Cancel, Clock } from '../ambient/clock.ts';

/** Files are written in several steps; one deploy is one change. */
const QUIET_MILLIS = 100;

/** Calls `onChange` after something in a folder changed. Where it cannot be watched, nothing is called. */
export function watchFolder(
  path: string,
  onChange: () => void,
  clock: Pick<Clock, 'after'>,
): Cancel {
  let cancelTimer: Cancel = () => {};
  let watcher: FSWatcher;
  try {
    watcher = watch(path, { persistent: false }, () => {
      cancelTimer();
      cancelTimer = clock.after(QUIET_MILLIS, onChange);
    });
  } catch {
    return () => {};
  }
  // The folder itself went away: there is nothing left to watch.
  watcher.on('error', () => watcher.close());
  return () => {
    cancelTimer();
    watcher.close();
  };
}
