import { signal } from '@preact/signals';

/** One interval of the gateway's life. Counts are of the interval, not per second. */
export interface Sample {
  /** Epoch milliseconds of its end. */
  readonly at: number;
  readonly seconds: number;
  readonly connections: number;
  readonly connects: number;
  readonly messages: number;
  readonly pushes: number;
  /** Calls to many, and what of `pushes` is theirs. */
  readonly fanOuts: number;
  readonly fanOutPushes: number;
  readonly errors: number;
  readonly throttled: number;
  readonly latency50: number;
  readonly latency95: number;
}

export interface Activity {
  readonly node: string;
  readonly samples: readonly Sample[];
  readonly totals: Readonly<Record<string, number>>;
}

export const activity = signal<Activity | undefined>(undefined);
