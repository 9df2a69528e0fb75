import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Clock, systemClock } from '../ambient/clock.ts';

/** Editors write in several steps; one save is one change. */
const QUIET_MILLIS = 100;

/**
 * Calls `onChange` after the content of the file at `path` changed, appeared or went. Watches the
 * folder: editors that write a new file and move it into place leave a watch on the old one behind.
 * Returns a function that ends the watch.
 */
export function watchFile(
  path: string,
  onChange: () => void,
  clock: Pick<Clock, 'after'> = systemClock,
): () => void {
  const name = basename(path);
  let content = readOrNothing(path);
  let cancelTimer = () => {};

  const look = () => {
    const now = readOrNothing(path);
    // A touch, or another program's temporary file of the same name, is no change.
    if (now === content) return;
    content = now;
    onChange();
  };
  const watcher: FSWatcher = watch(dirname(path), { persistent: false }, (_, changed) => {
    // Some systems do not say which file it was.
    if (changed !== null && changed !== name) return;
    cancelTimer();
    cancelTimer = clock.after(QUIET_MILLIS, look);
  });
  // The folder itself went away: there is nothing left to watch.
  watcher.on('error', () => watcher.close());
  return () => {
    cancelTimer();
    watcher.close();
  };
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
