import type { Clock } from '../ambient/clock.ts';
import type { Hub } from '../connections/hub.ts';
import type { Work } from '../data-plane/data-plane.ts';
import { closes } from '../wire/close-codes.ts';

export interface DrainOptions {
  readonly hub: Hub;
  readonly work: Work;
  readonly clock: Clock;
  /** After this, what is not finished is cut off. */
  readonly limitMillis: number;
}

/**
 * Ends every connection with 1001: those whose messages are still being processed once they are done,
 * the others at once. Resolves when all are gone and every `$disconnect` has been answered, or at the
 * limit.
 */
export async function drain({ hub, work, clock, limitMillis }: DrainOptions): Promise<void> {
  let expire = () => {};
  const limit = new Promise<void>((resolve) => {
    const cancel = clock.after(limitMillis, resolve);
    expire = () => {
      cancel();
      resolve();
    };
  });
  for (const connection of hub.all()) {
    if (connection.messagesInFlight === 0) connection.close(closes.goingAway, 'gateway-stopping');
  }
  const finished = (async () => {
    await work.settled();
    for (const connection of hub.all()) connection.close(closes.goingAway, 'gateway-stopping');
    await hub.emptied();
    await work.settled();
  })();
  await Promise.race([finished, limit]);
  expire();
  for (const connection of hub.all()) connection.terminate();
}
