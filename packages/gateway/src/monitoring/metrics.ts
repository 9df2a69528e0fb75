/** Everything that is counted, in one place: for CloudWatch's six and for Prometheus. */
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { EventKind } from '../telemetry/log.ts';
import { isFailure } from '../telemetry/trace-feed.ts';
import { CloudWatchMetrics } from './cloudwatch-metrics.ts';
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

export interface StageConnections {
  readonly apiId: string;
  readonly stage: string;
  readonly open: number;
}

export interface MetricsOptions {
  /** Counted when asked for: nothing is counted twice that is there to be counted. */
  openConnections(): Iterable<{ readonly apiId: string; readonly stageName: string }>;
}

export class Metrics {
  readonly cloudWatch = new CloudWatchMetrics();
  readonly #options: MetricsOptions;
  readonly #events = new Map<EventKind, Histogram>();
  readonly #failures = new Map<string, number>();
  readonly #integrations = new Map<string, number>();
  #messageBytes = 0;
  #pushBytes = 0;

  constructor(options: MetricsOptions) {
    this.#options = options;
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
    const { event } = facts;
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
