import type { Clock } from '../ambient/clock.ts';
import type { Connection } from '../connections/connection.ts';
import type { Hub } from '../connections/hub.ts';
import type { Work } from '../data-plane/data-plane.ts';
import { closes } from '../wire/close-codes.ts';

export interface DrainOptions {
  readonly hub: Hub;
  readonly work: Work;
  readonly clock: Clock;
  /** Over how long connections are closed; never more than half of the limit. */
  readonly spreadMillis: number;
  /** After this, what is not finished is cut off. */
  readonly limitMillis: number;
}

const STEP_MILLIS = 100;
/** So few clients at once hurt nobody: a small gateway stops at once. */
const STEP_CLOSES_MIN = 10;

/**
 * Ends every connection with 1001, evenly over the spread, so that the clients of a large gateway do not
 * all come back at the same moment; one whose messages are being processed, once they are done. Resolves
 * when all are gone and every `$disconnect` has been answered, or at the limit.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { hub, work, clock, limitMillis } = options;
  let expire = () => {};
  const limit = new Promise<void>((resolve) => {
    const cancel = clock.after(limitMillis, resolve);
    expire = () => {
      cancel();
      resolve();
    };
  });
  const finished = (async () => {
    await closeIdle(options, limit);
    await work.settled();
    for (const connection of hub.all()) connection.close(closes.goingAway, 'gateway-stopping');
    await hub.emptied();
    await work.settled();
  })();
  await Promise.race([finished, limit]);
  expire();
  for (const connection of hub.all()) connection.terminate();
  // They are over in a turn of their own, and whoever is to be told is noted while the store is there.
  await new Promise((resolve) => setImmediate(resolve));
}

/** Closes what is open and not busy, step by step; what is busy then is closed when it no longer is. */
async function closeIdle(
  { hub, clock, spreadMillis, limitMillis }: DrainOptions,
  limit: Promise<void>,
): Promise<void> {
  const open = [...hub.all()];
  const steps = Math.max(1, Math.min(spreadMillis, limitMillis / 2) / STEP_MILLIS);
  const perStep = Math.max(STEP_CLOSES_MIN, Math.ceil(open.length / steps));
  const busy: Connection[] = [];
  for (let at = 0; at < open.length; at += perStep) {
    if (at > 0) await Promise.race([pause(clock, STEP_MILLIS), limit]);
    const step = open.slice(at, at + perStep);
    for (const connection of [...step, ...busy.splice(0)]) {
      if (connection.messagesInFlight === 0) connection.close(closes.goingAway, 'gateway-stopping');
      else busy.push(connection);
    }
  }
}

export function pause(clock: Clock, millis: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(millis, resolve);
  });
}
