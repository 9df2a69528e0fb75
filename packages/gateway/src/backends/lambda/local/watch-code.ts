import { type FSWatcher, fstatSync, readdirSync, statSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import type { Cancel, Clock } from '../../../ambient/clock.ts';
import type { Log } from '../../../telemetry/log.ts';

export interface WatchOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly watchedFoldersMax: number;
}

/** Editors write in several steps, compilers many files; one save is one change. */
const QUIET_MILLIS = 100;
/** No source: dependencies, hidden files of tools, logs, and the store of a data folder beside the code. */
const UNWATCHED = /^(?:node_modules|__pycache__|\..*|.*~|.*\.log|.*\.mdb(?:-lock)?)$/;

/**
 * Calls `onChange` after something below `folder` changed, came or went, dependencies left out.
 * Returns a function that ends the watch.
 */
export function watchCode(folder: string, onChange: () => void, options: WatchOptions): Cancel {
  let cancelTimer = () => {};
  let watchers: FSWatcher[] = [];
  const onEvent = (path: string) => {
    if (UNWATCHED.test(basename(path)) || isOwnOutput(path)) return;
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
  onEvent: (path: string) => void,
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
      const watcher = watch(path, { persistent: false }, (_, name) =>
        onEvent(join(path, name ?? '')),
      );
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

const OUTPUTS = [1, 2];

/** What this process prints may be kept beside the code, and it prints that the code has changed. */
function isOwnOutput(path: string): boolean {
  try {
    const found = statSync(path);
    return OUTPUTS.some((output) => {
      const { dev, ino } = fstatSync(output);
      return dev === found.dev && ino === found.ino;
    });
  } catch {
    // The file is gone, or an output is closed.
    return false;
  }
}

const closeAll = (watchers: readonly FSWatcher[]) => {
  for (const watcher of watchers) watcher.close();
};

function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !UNWATCHED.test(entry.name))
    .map(({ name }) => join(path, name));
}
