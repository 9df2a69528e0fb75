/**
 * Notices that this process may open few more files, or none. Nothing else does: the system accepts a
 * connection for which there is no file left, and hangs up, before this process hears of it.
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Cancel, Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';

export interface OpenFilesOptions {
  /** How many connections there may be; 0: any number. */
  readonly connectionsMax: number;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly clock: Pick<Clock, 'every'>;
  /** Of the process; `undefined` where the system does not say. */
  readonly filesMax?: number | undefined;
  /** Opens a file and returns its number; throws as Node does. */
  readonly open?: () => number;
}

const LOOK_MILLIS = 10_000;
const FEW_SHARE = 0.9;
/** The store, logs, pipes, a few backends. */
const OTHER_FILES = 64;
const ADVICE = 'raise LimitNOFILE= of the service, or ulimit -n';

/** Begins to look, now and every ten seconds; returns what ends it. */
export function watchOpenFiles({
  connectionsMax,
  log,
  clock,
  filesMax = fileLimit(),
  open = () => openSync(devNull, 'r'),
}: OpenFilesOptions): Cancel {
  if (filesMax !== undefined && connectionsMax > 0 && connectionsMax + OTHER_FILES > filesMax) {
    const message = `connectionsMax is more than this process can open: ${ADVICE}`;
    log.warn(message, { connectionsMax, filesMax });
  }
  let before: Room = 'enough';
  const look = () => {
    const room = roomOf(open, filesMax);
    if (room === before) return;
    before = room;
    if (room === 'enough') log.info('Files can be opened again', { filesMax });
    else log.warn(SENTENCES[room], { filesMax });
  };
  look();
  return clock.every(LOOK_MILLIS, look);
}

type Room = 'enough' | 'few' | 'none';

const SENTENCES = {
  few: `Nine tenths of the files this process may open are open: ${ADVICE}`,
  none: `No more files can be opened, new clients are hung up on: ${ADVICE}`,
} as const;

/** A new file gets the lowest number that is free: where that is high, all below are taken. */
function roomOf(open: () => number, filesMax = Number.POSITIVE_INFINITY): Room {
  try {
    const number = open();
    closeSync(number);
    return number < filesMax * FEW_SHARE ? 'enough' : 'few';
  } catch {
    return 'none';
  }
}

/** Linux says so in a table. */
function fileLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const found = /^Max open files\s+(\d+)/m.exec(limits);
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
