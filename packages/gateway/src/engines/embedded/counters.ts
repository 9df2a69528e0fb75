import type { Clock } from '../../ambient/clock.ts';
import type { RateLimit } from '../../resources/rate-limit.ts';
import type { CounterBounds, Counters } from '../counters.ts';
import { EngineUnavailable } from '../engine-unavailable.ts';
import type { DataFolder, StoredBucket, StoredCount } from './data-folder.ts';

/** Sums of fractions fall short of a whole token by less than this. */
const ROUNDING = 1e-9;
const NOTHING: StoredCount = { count: 0 };

/** Counts beside the documents, as durable as they are; buckets in a file that nobody flushes. */
export class EmbeddedCounters implements Counters {
  readonly #clock: Pick<Clock, 'now'>;
  #folder: DataFolder | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  open(folder: DataFolder): void {
    this.#folder = folder;
    this.#forgetExpired(folder);
  }

  close(): void {
    this.#folder = undefined;
  }

  async add(key: string, amount: number, bounds: CounterBounds = {}): Promise<boolean> {
    const { max, among = [], expiresAt } = bounds;
    const { counts, room } = this.#opened();
    room.assertForChange();
    return counts.childTransaction(() => {
      const now = this.#clock.now();
      const standing = (name: string) => current(counts.get(name), now).count;
      const sum = [key, ...among].reduce((total, name) => total + standing(name), amount);
      if (max !== undefined && sum > max) return false;
      counts.put(key, {
        count: standing(key) + amount,
        ...(expiresAt !== undefined && { expiresAt }),
      });
      return true;
    });
  }

  async read(keys: readonly string[]): Promise<number[]> {
    const { counts, refresh } = this.#opened();
    refresh();
    return keys.map((key) => current(counts.get(key), this.#clock.now()).count);
  }

  async take(key: string, limit: RateLimit, most: number): Promise<number> {
    const folder = this.#opened();
    folder.room.assertForChange();
    const buckets = folder.buckets();
    const name = `${key} ${limit.rateLimit} ${limit.burstLimit}`;
    return buckets.transactionSync(() => {
      const now = this.#clock.now();
      const tokens = filled(buckets.get(name), limit, now);
      const taken = Math.min(most, Math.floor(tokens + ROUNDING));
      buckets.put(name, { tokens: tokens - taken, filledAt: now });
      return taken;
    });
  }

  #forgetExpired({ counts }: DataFolder): void {
    const isOver = ({ expiresAt = Number.POSITIVE_INFINITY }: StoredCount) =>
      expiresAt <= this.#clock.now();
    const keys = [...counts.getRange()].flatMap(({ key, value }) => (isOver(value) ? [key] : []));
    if (keys.length === 0) return;
    void counts.childTransaction(() => {
      for (const key of keys) {
        const value = counts.get(key);
        if (value && isOver(value)) counts.remove(key);
      }
    });
  }

  #opened(): DataFolder {
    if (!this.#folder) throw new EngineUnavailable('The embedded engine is not running');
    return this.#folder;
  }
}

function current(stored: StoredCount | undefined, now: number): StoredCount {
  return stored && (stored.expiresAt ?? Number.POSITIVE_INFINITY) > now ? stored : NOTHING;
}

function filled(bucket: StoredBucket | undefined, limit: RateLimit, now: number): number {
  if (!bucket) return limit.burstLimit;
  // A clock that was set back gives nothing and takes nothing.
  const seconds = Math.max(0, now - bucket.filledAt) / 1000;
  return Math.min(limit.burstLimit, bucket.tokens + seconds * limit.rateLimit);
}
