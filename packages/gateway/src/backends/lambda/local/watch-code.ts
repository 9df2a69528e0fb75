import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Cancel, Clock } from '../../../ambient/clock.ts';
import type { Log } from '../../../telemetry/log.ts';

export interface WatchOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly watchedFoldersMax: number;
}

/** Editors write in several steps, compilers many files; one save is one change. */
const QUIET_MILLIS = 100;
/** Neither source nor, for the first, ever small. Hidden files are the tools' own. */
const UNWATCHED = /^(?:node_modules|__pycache__|\..*|.*~)$/;

/**
 * Calls `onChange` after something below `folder` changed, came or went, dependencies left out.
 * Returns a function that ends the watch.
 */
export function watchCode(folder: string, onChange: () => void, options: WatchOptions): Cancel {
  let cancelTimer = () => {};
  let watchers: FSWatcher[] = [];
  const onEvent = (_: string, name: string | null) => {
    if (name !== null && UNWATCHED.test(name)) return;
    cancelTimer();
    cancelTimer = options.clock.after(QUIET_MILLIS, () => {
      // Folders may have come and gone. Nothing is missed: what changes until the watch is renewed
      // is there when `onChange` has the code read again.
      closeAll(watchers);
      watchers = watchFolders(folder, onEvent, options);
      onChange();
    });
  };
  watchers = watchFolders(folder, onEvent, options);
  return () => {
    cancelTimer();
    closeAll(watchers);
  };
}

function watchFolders(
  folder: string,
  onEvent: (event: string, name: string | null) => void,
  { log, watchedFoldersMax }: WatchOptions,
): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  const folders = [folder];
  for (let path = folders.shift(); path !== undefined; path = folders.shift()) {
    if (watchers.length === watchedFoldersMax) {
      log.warn(`${folder} has more than ${watchedFoldersMax} folders: not all are watched`);
      break;
    }
    try {
      const watcher = watch(path, { persistent: false }, onEvent);
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
      folders.push(...foldersIn(path));
    } catch (error) {
      // Such as a folder that is not there yet, or a system that has run out of watches.
      log.warn(`Cannot watch ${path}: ${(error as Error).message}`);
    }
  }
  return watchers;
}

const closeAll = (watchers: readonly FSWatcher[]) => {
  for (const watcher of watchers) watcher.close();
};

function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !UNWATCHED.test(entry.name))
    .map(({ name }) => join(path, name));
}
