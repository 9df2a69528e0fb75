/**
 * How busy the gateway is: counts of a few minutes, in intervals of two seconds, for whoever looks later.
 * A few additions per event and no timer, so it is always on; everything finer is for the metrics.
 */
import type { Log, LogEvent } from './log.ts';

/** One interval. Counts are of the interval. */
export interface Sample {
  /** Epoch milliseconds of its end. */
  readonly at: number;
  readonly seconds: number;
  /** Open at its end. */
  readonly connections: number;
  /** Handshakes, also refused ones. */
  readonly connects: number;
  readonly messages: number;
  /** One to many counts for each connection it went to. */
  readonly pushes: number;
  /** Calls that pushed to many, and what of `pushes` is theirs. */
  readonly fanOuts: number;
  readonly fanOutPushes: number;
  /** Handshakes, messages and pushes that were refused or failed. */
  readonly errors: number;
  readonly throttled: number;
  /** Milliseconds within which half of the connects and messages were answered. */
  readonly latency50: number;
  readonly latency95: number;
}

const totalNames = [
  ...(['connects', 'messages', 'pushes', 'fanOuts', 'fanOutPushes'] as const),
  ...(['errors', 'throttled', 'disconnects'] as const),
];
export type Totals = Record<(typeof totalNames)[number], number>;

/** Totals, and of whom: who belongs together tells the same, of all of them. */
export interface CountedTotals {
  readonly by: string;
  readonly totals: Readonly<Totals>;
}

const SAMPLE_SECONDS = 2;
/** Five minutes. */
const SAMPLES_MAX = 150;
/** Upper ends of the latency's classes, in milliseconds. */
const CLASSES = [
  1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12_000,
  20_000, 30_000,
];

export interface ActivityOptions {
  /** Epoch milliseconds. */
  now(): number;
  /** How many are open. */
  connections(): number;
}

export class Activity {
  readonly totals: Totals = noTotals();
  readonly #options: ActivityOptions;
  readonly #startedAt: number;
  /** Intervals in which something happened, oldest first. */
  readonly #intervals: Interval[] = [];

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.#startedAt = numberOf(options.now());
  }

  /** The same log, counted on the way. */
  watching(log: Log): Log {
    return {
      event: (event) => {
        this.#note(event);
        log.event(event);
      },
      info: (...words) => log.info(...words),
      warn: (...words) => log.warn(...words),
      error: (...words) => log.error(...words),
    };
  }

  /** Of the last five minutes, complete intervals only, oldest first. */
  samples(): Sample[] {
    const end = numberOf(this.#options.now());
    const start = Math.max(this.#startedAt, end - SAMPLES_MAX);
    const known = new Map(this.#intervals.map((interval) => [interval.number, interval]));
    let connections = this.#intervals.findLast(({ number }) => number < start)?.connections ?? 0;
    return Array.from({ length: end - start }, (_, index) => {
      const interval = known.get(start + index);
      connections = interval?.connections ?? connections;
      return sampleOf(interval ?? new Interval(start + index), connections);
    });
  }

  #note(event: LogEvent): void {
    const { kind, millis, retry } = event;
    if (kind === 'control' || kind === 'get' || kind === 'delete' || retry !== undefined) return;
    const interval = this.#current();
    interval.connections = this.#options.connections();
    count(interval.counts, event);
    count(this.totals, event);
    if (kind === 'push' || kind === 'fan-out' || kind === 'disconnect') return;
    let at = 0;
    while (at < CLASSES.length - 1 && millis > CLASSES[at]!) at += 1;
    interval.latencies[at]! += 1;
  }

  #current(): Interval {
    const number = numberOf(this.#options.now());
    const last = this.#intervals.at(-1);
    if (last?.number === number) return last;
    const interval = new Interval(number);
    this.#intervals.push(interval);
    if (this.#intervals.length > SAMPLES_MAX + 1) this.#intervals.shift();
    return interval;
  }
}

function count(counts: Totals, { kind, status, delivered = 1 }: LogEvent): void {
  if (kind === 'message') counts.messages += 1;
  else if (kind === 'push') counts.pushes += 1;
  else if (kind === 'connect') counts.connects += 1;
  else if (kind === 'disconnect') counts.disconnects += 1;
  else {
    counts.pushes += delivered;
    counts.fanOuts += 1;
    counts.fanOutPushes += delivered;
  }
  if (kind === 'disconnect' || status < 400) return;
  counts.errors += 1;
  if (status === 429) counts.throttled += 1;
}

/** Since 1970, in intervals. */
const numberOf = (epochMillis: number) => Math.floor(epochMillis / (SAMPLE_SECONDS * 1000));

class Interval {
  readonly number: number;
  readonly counts = noTotals();
  readonly latencies = new Uint32Array(CLASSES.length);
  connections = 0;

  constructor(number: number) {
    this.number = number;
  }
}

function sampleOf({ number, counts, latencies }: Interval, connections: number): Sample {
  const { disconnects: _, ...rest } = counts;
  return {
    at: (number + 1) * SAMPLE_SECONDS * 1000,
    seconds: SAMPLE_SECONDS,
    connections,
    ...rest,
    latency50: latencyOf(latencies, 0.5),
    latency95: latencyOf(latencies, 0.95),
  };
}

/** The end of the class in which that part of all lies; 0 where nothing happened. */
function latencyOf(latencies: Uint32Array, part: number): number {
  const all = latencies.reduce((sum, count) => sum + count, 0);
  if (all === 0) return 0;
  let seen = 0;
  const at = latencies.findIndex((count) => {
    seen += count;
    return seen >= all * part;
  });
  return CLASSES[at]!;
}

/** The same interval of several nodes, added up: intervals begin at the same moments everywhere. */
export function addSamples(ofNodes: readonly (readonly Sample[])[]): Sample[] {
  const sums = new Map<number, Sample>();
  for (const sample of ofNodes.flat()) {
    const other = sums.get(sample.at);
    sums.set(sample.at, other ? sumOf(other, sample) : sample);
  }
  return [...sums.values()].sort((one, other) => one.at - other.at);
}

function sumOf(one: Sample, other: Sample): Sample {
  return {
    at: one.at,
    seconds: one.seconds,
    connections: one.connections + other.connections,
    connects: one.connects + other.connects,
    messages: one.messages + other.messages,
    pushes: one.pushes + other.pushes,
    fanOuts: one.fanOuts + other.fanOuts,
    fanOutPushes: one.fanOutPushes + other.fanOutPushes,
    errors: one.errors + other.errors,
    throttled: one.throttled + other.throttled,
    latency50: Math.max(one.latency50, other.latency50),
    latency95: Math.max(one.latency95, other.latency95),
  };
}

export function addTotals(all: Iterable<Readonly<Totals>>): Totals {
  const sum = noTotals();
  for (const totals of all) {
    for (const name of Object.keys(sum) as (keyof Totals)[]) sum[name] += totals[name];
  }
  return sum;
}

function noTotals(): Totals {
  return Object.fromEntries(totalNames.map((name) => [name, 0])) as Totals;
}
