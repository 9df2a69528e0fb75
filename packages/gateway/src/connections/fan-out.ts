/**
 * One message to many connections of this node. It goes out a slice at a time, with whatever else has
 * arrived served in between; and one fan-out after another, so that all clients see them in one order.
 */
import type { Clock } from '../ambient/clock.ts';
import type { Connection, SendResult } from './connection.ts';
import { readFilter } from './connection-filter.ts';
import type { Hub } from './hub.ts';
import { SharedMessage } from './shared-message.ts';

export interface FanOut {
  readonly apiId: string;
  readonly stageName: string;
  /** Which of the stage's connections, as `readFilter` reads it; empty: all. */
  readonly filter: string;
  /** Of these only, each once. */
  readonly connectionIds?: readonly string[] | undefined;
  readonly body: Buffer;
}

/** What became of each connection that was meant. */
export interface FanOutCounts {
  /** The message is in the socket or in its queue, as after a push that was answered 200. */
  readonly delivered: number;
  /** The queue of a client that reads too slowly is full, as after a push that was answered 429. */
  readonly refused: number;
  /** Not open: it was named and is none of the stage's, or closed before its turn came. */
  readonly gone: number;
}

/** Fan-outs that may wait for their turn; the bytes of all, the one under way included. One more is `busy`. */
export const fanOutsWaitingMax = 100;
export const fanOutBytesMax = 16 * 1024 * 1024;

/**
 * What a slice may cost, in units of about a tenth of a microsecond: one or two milliseconds. It is counted and
 * not timed, so a slice is the same on a machine that is busy.
 */
const SLICE = 12_000;
const LOOK = 1;
/** A system call, most of it. */
const SEND = 32;
/** What the kernel copies of a message in one unit. */
const BYTES_PER_UNIT = 128;
/**
 * So many connections are looked at before the first of them is written to. Of ten thousand hardly one is in
 * the processor's caches: looked at in a row, their memory is waited for together.
 */
const LOOKED_AT_AHEAD = 32;

interface Job {
  readonly fanOut: FanOut;
  readonly resolve: (counts: FanOutCounts) => void;
  readonly reject: (error: unknown) => void;
  /** Once its turn has come. */
  run?: Run;
}

interface Run {
  readonly targets: readonly Connection[];
  /** How many were looked at to find them. */
  readonly looked: number;
  readonly message: SharedMessage;
  /** The next one of them. */
  at: number;
  delivered: number;
  refused: number;
  gone: number;
}

export class FanOuts {
  readonly #hub: Hub;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #jobs: Job[] = [];
  #bytes = 0;

  constructor(hub: Hub, clock: Pick<Clock, 'now'>) {
    this.#hub = hub;
    this.#clock = clock;
  }

  /**
   * Hands the message to every connection that is meant and open when its turn comes, once. `busy`: too many
   * wait already, and nothing was handed over.
   */
  carryOut(fanOut: FanOut): Promise<FanOutCounts> | 'busy' {
    const bytes = this.#bytes + fanOut.body.length;
    const isFirst = this.#jobs.length === 0;
    if (!isFirst && (this.#jobs.length > fanOutsWaitingMax || bytes > fanOutBytesMax)) {
      return 'busy';
    }
    return new Promise((resolve, reject) => {
      this.#jobs.push({ fanOut, resolve, reject });
      this.#bytes = bytes;
      if (isFirst) this.#turn();
    });
  }

  readonly #turn = (): void => {
    let left = SLICE;
    for (let job = this.#jobs[0]; job && left > 0; job = this.#jobs[0]) {
      try {
        left = this.#advance(job, left);
      } catch (error) {
        this.#finish(job);
        job.reject(error);
      }
    }
    if (this.#jobs.length > 0) setImmediate(this.#turn);
  };

  /** Returns what is left of the slice. */
  #advance(job: Job, slice: number): number {
    let left = slice;
    if (!job.run) {
      job.run = this.#begin(job.fanOut);
      left -= LOOK * job.run.looked;
    }
    const { run } = job;
    const cost = SEND + run.message.length / BYTES_PER_UNIT;
    while (left > 0 && run.at < run.targets.length) {
      left -= cost * sendToNext(run, Math.ceil(left / cost));
    }
    if (run.at === run.targets.length) {
      this.#finish(job);
      const { delivered, refused, gone } = run;
      job.resolve({ delivered, refused, gone });
    }
    return left;
  }

  #begin({ apiId, stageName, filter, connectionIds, body }: FanOut): Run {
    const hub = this.#hub;
    const ofStage = hub.connectionsOf({ apiId, stageName });
    let meant = [...ofStage];
    let gone = 0;
    if (connectionIds) {
      const named = new Set(connectionIds);
      meant = [...named].flatMap((id) => hub.get(id) ?? []).filter((one) => ofStage.has(one));
      gone = named.size - meant.length;
    }
    const looked = meant.length;
    if (filter !== '') {
      const now = this.#clock.now();
      const fits = readFilter(new URLSearchParams(filter));
      meant = meant.filter((connection) => fits(connection, now));
    }
    const message = new SharedMessage(body);
    return { targets: meant, looked, message, at: 0, delivered: 0, refused: 0, gone };
  }

  #finish({ fanOut }: Job): void {
    this.#jobs.shift();
    this.#bytes -= fanOut.body.length;
  }
}

/** To a few connections, at most so many. Returns how many they were. */
function sendToNext(run: Run, countMax: number): number {
  const { targets, message, at } = run;
  const end = Math.min(at + LOOKED_AT_AHEAD, at + countMax, targets.length);
  let ready = 0;
  for (let index = at; index < end; index += 1) if (targets[index]!.isReady) ready += 1;
  const areReady = ready === end - at;
  for (; run.at < end; run.at += 1) {
    const target = targets[run.at]!;
    if (areReady) target.sendNow(message);
    else count(run, target.send(message));
  }
  if (areReady) run.delivered += ready;
  return end - at;
}

function count(run: Run, result: SendResult): void {
  if (result === 'closed') run.gone += 1;
  else if (result === 'full') run.refused += 1;
  else run.delivered += 1;
}
