/** What the gateway has been doing in the last minute, second by second, and how long it took. */
import { isFailure } from '../telemetry/trace-feed.ts';
import type { Facts } from './facts.ts';
import { Histogram } from './histogram.ts';

const rateNames = ['connects', 'messages', 'pushes', 'disconnects', 'failures'] as const;
export type RateName = (typeof rateNames)[number];
export type Rates = Readonly<Record<RateName, number>>;

export const latencyNames = ['connect', 'message', 'push', 'integration'] as const;
export type LatencyName = (typeof latencyNames)[number];

const SECONDS = 60;
/** Latencies are kept in so many parts of the minute, so that old ones fall out. */
const PARTS = 6;

interface Second {
  /** Since the epoch. */
  second: number;
  readonly counts: Record<RateName, number>;
}

interface Part {
  tens: number;
  readonly latencies: Record<LatencyName, Histogram>;
}

export class Activity {
  readonly #seconds: Second[] = Array.from({ length: SECONDS }, () => ({
    second: -1,
    counts: zeros(),
  }));
  readonly #parts: Part[] = Array.from({ length: PARTS }, () => ({
    tens: -1,
    latencies: histograms(),
  }));

  /** `now`: epoch milliseconds of the event's end. */
  count({ event, integration }: Facts, now: number): void {
    const { kind, millis, delivered = 1 } = event;
    if (kind === 'control' || kind === 'get' || kind === 'delete') return;
    const second = Math.floor(now / 1000);
    const { counts } = this.#second(second);
    const { latencies } = this.#part(Math.floor(second / 10));
    // By name, not by a table: of a member whose name is looked up first V8 remembers nothing.
    if (kind === 'message') {
      counts.messages += 1;
      latencies.message.add(millis);
    } else if (kind === 'push') {
      counts.pushes += 1;
      latencies.push.add(millis);
    } else if (kind === 'connect') {
      counts.connects += 1;
      latencies.connect.add(millis);
    } else if (kind === 'fan-out') counts.pushes += delivered;
    else counts.disconnects += 1;
    if (isFailure(event)) counts.failures += 1;
    if (integration) latencies.integration.add(integration.millis);
  }

  /** Events a second, over the last so many whole seconds, at most a minute. */
  rates(now: number, seconds: number): Rates {
    const current = Math.floor(now / 1000);
    const sum = zeros();
    for (const { second, counts } of this.#seconds) {
      if (second >= current || second < current - seconds) continue;
      for (const name of rateNames) sum[name] += counts[name];
    }
    for (const name of rateNames) sum[name] /= seconds;
    return sum;
  }

  /** Of the last minute, give or take ten seconds. */
  latencies(now: number): Record<LatencyName, Histogram> {
    const current = Math.floor(now / 10_000);
    const all = histograms();
    for (const { tens, latencies } of this.#parts) {
      if (tens <= current - PARTS) continue;
      for (const name of latencyNames) all[name].addAll(latencies[name]);
    }
    return all;
  }

  #second(second: number): Second {
    const entry = this.#seconds[second % SECONDS]!;
    if (entry.second !== second) {
      entry.second = second;
      Object.assign(entry.counts, zeros());
    }
    return entry;
  }

  #part(tens: number): Part {
    const entry = this.#parts[tens % PARTS]!;
    if (entry.tens !== tens) {
      entry.tens = tens;
      Object.assign(entry.latencies, histograms());
    }
    return entry;
  }
}

function zeros(): Record<RateName, number> {
  return { connects: 0, messages: 0, pushes: 0, disconnects: 0, failures: 0 };
}

function histograms(): Record<LatencyName, Histogram> {
  return {
    connect: new Histogram(),
    message: new Histogram(),
    push: new Histogram(),
    integration: new Histogram(),
  };
}
