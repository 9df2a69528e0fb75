/** Everything that is counted, in one place: for CloudWatch's six, for Prometheus, for the console. */
import type { Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { EventKind } from '../telemetry/log.ts';
import { isFailure } from '../telemetry/trace-feed.ts';
import { Activity, type LatencyName, latencyNames, type Rates } from './activity.ts';
import { CloudWatchMetrics, type Datum } from './cloudwatch-metrics.ts';
import type { Facts } from './facts.ts';
import { Histogram } from './histogram.ts';

/** Counted since the gateway started, whether or not a stage was reached. */
export interface Totals {
  /** By kind of event. */
  readonly events: ReadonlyMap<EventKind, Histogram>;
  /** By `kind` and `rule`, joined by a blank: what was refused, failed, or ended as nobody wished. */
  readonly failures: ReadonlyMap<string, number>;
  /** By type of integration, and `answered` or `failed`, joined by a blank. */
  readonly integrations: ReadonlyMap<string, number>;
  readonly messageBytes: number;
  readonly pushBytes: number;
}

export interface Latency {
  readonly count: number;
  /** Milliseconds; 0 where nothing happened. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface StageConnections {
  readonly apiId: string;
  readonly stage: string;
  readonly open: number;
}

/** The state of a gateway as a plain object, for whoever shows it. */
export interface MetricsSnapshot {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly startedAt: number;
  readonly connections: { readonly open: number; readonly stages: readonly StageConnections[] };
  /** Events a second, over the last ten seconds and the last minute. */
  readonly rates: { readonly tenSeconds: Rates; readonly minute: Rates };
  /** Of the last minute. */
  readonly latencies: Readonly<Record<LatencyName, Latency>>;
  /** Since the start. */
  readonly totals: Readonly<Record<string, number>>;
  readonly failures: readonly {
    readonly kind: string;
    readonly rule: string;
    readonly count: number;
  }[];
  readonly cloudWatch: readonly Datum[];
  readonly process: {
    readonly cpuSeconds: number;
    readonly residentBytes: number;
    readonly heapUsedBytes: number;
  };
}

export interface MetricsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Counted when asked for: nothing is counted twice that is there to be counted. */
  openConnections(): Iterable<{ readonly apiId: string; readonly stageName: string }>;
}

export class Metrics {
  readonly cloudWatch = new CloudWatchMetrics();
  readonly #activity = new Activity();
  readonly #options: MetricsOptions;
  readonly #startedAt: number;
  readonly #events = new Map<EventKind, Histogram>();
  readonly #failures = new Map<string, number>();
  readonly #integrations = new Map<string, number>();
  #messageBytes = 0;
  #pushBytes = 0;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  count(facts: Facts): void {
    const { event, integration } = facts;
    if (integration) {
      const { kind, failure } = integration;
      plusOne(this.#integrations, failure ? FAILED[kind] : ANSWERED[kind]);
    }
    this.cloudWatch.count(facts);
    if (event.retry === undefined) this.#countEvent(facts);
  }

  /** Not again for a further attempt to tell of it. */
  #countEvent(facts: Facts): void {
    const { event, at } = facts;
    let histogram = this.#events.get(event.kind);
    if (!histogram) {
      histogram = new Histogram();
      this.#events.set(event.kind, histogram);
    }
    histogram.add(event.millis);
    if (event.kind === 'message') this.#messageBytes += event.bytes ?? 0;
    else if (event.kind === 'push' && event.status === 200) this.#pushBytes += event.bytes ?? 0;
    else if (event.delivered) this.#pushBytes += event.delivered * (event.bytes ?? 0);
    if (isFailure(event) && event.rule) plusOne(this.#failures, `${event.kind} ${event.rule}`);
    this.#activity.count(facts, at + event.millis);
  }

  forget(stage: CompiledStage): void {
    this.cloudWatch.forget(stage);
  }

  totals(): Totals {
    return {
      events: this.#events,
      failures: this.#failures,
      integrations: this.#integrations,
      messageBytes: this.#messageBytes,
      pushBytes: this.#pushBytes,
    };
  }

  connections(): StageConnections[] {
    const stages = new Map<string, { apiId: string; stage: string; open: number }>();
    for (const { apiId, stageName } of this.#options.openConnections()) {
      const key = `${apiId}/${stageName}`;
      const known = stages.get(key);
      if (known) known.open += 1;
      else stages.set(key, { apiId, stage: stageName, open: 1 });
    }
    return [...stages.values()];
  }

  snapshot(): MetricsSnapshot {
    const now = this.#options.clock.now();
    const stages = this.connections();
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const latencies = this.#activity.latencies(now);
    return {
      at: now,
      startedAt: this.#startedAt,
      connections: { open: stages.reduce((sum, { open }) => sum + open, 0), stages },
      rates: {
        tenSeconds: this.#activity.rates(now, 10),
        minute: this.#activity.rates(now, 60),
      },
      latencies: Object.fromEntries(
        latencyNames.map((name) => [name, inNumbers(latencies[name])]),
      ) as Record<LatencyName, Latency>,
      totals: {
        ...Object.fromEntries([...this.#events].map(([kind, { count }]) => [kind, count])),
        messageBytes: this.#messageBytes,
        pushBytes: this.#pushBytes,
      },
      failures: [...this.#failures].map(([key, count]) => {
        const [kind = '', rule = ''] = key.split(' ', 2);
        return { kind, rule, count };
      }),
      cloudWatch: this.cloudWatch.data(),
      process: {
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
      },
    };
  }
}

type Kind = NonNullable<Facts['integration']>['kind'];
const KINDS = ['HTTP_PROXY', 'HTTP', 'AWS_PROXY', 'AWS_LAMBDA', 'AWS_SERVICE', 'MOCK', 'broken'];
const joined = (outcome: string) =>
  Object.fromEntries(KINDS.map((kind) => [kind, `${kind} ${outcome}`])) as Record<Kind, string>;
/** Joined once, so that counting makes no text. */
const ANSWERED = joined('answered');
const FAILED = joined('failed');

function plusOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function inNumbers(histogram: Histogram): Latency {
  const { count, max } = histogram;
  const at = (share: number) => Math.round(histogram.quantile(share) * 100) / 100;
  return { count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
}
