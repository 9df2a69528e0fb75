/**
 * The one place where the facts of an event come together when it is over. The live log and the trace
 * feed read from here, and so does everything that counts or writes.
 */
import type { Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Log, LogEvent } from '../telemetry/log.ts';
import type { Carrier, Tracer } from '../telemetry/span.ts';
import type { TraceRecord } from '../telemetry/trace.ts';
import { isFailure, type Outlook, TraceFeed } from '../telemetry/trace-feed.ts';
import { Trail } from '../telemetry/trail.ts';
import { executionLines, tellsAll } from './execution-log.ts';
import type { Facts } from './facts.ts';
import type { Metrics } from './metrics.ts';
import type { StageLogs } from './stage-logs.ts';

export interface RecorderOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly stageLogs: StageLogs;
}

export class Recorder {
  readonly trace: TraceFeed;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #stageLogs: StageLogs;
  readonly #ticks: () => number;
  #tracer: Tracer | undefined;

  constructor({ log, clock, metrics, stageLogs }: RecorderOptions) {
    this.trace = new TraceFeed(clock);
    this.#log = log;
    this.#metrics = metrics;
    this.#stageLogs = stageLogs;
    this.#ticks = () => clock.ticks();
  }

  /** From now on events are spans of a distributed trace as well. */
  traceWith(tracer: Tracer | undefined): void {
    this.#tracer = tracer;
  }

  /** Whether any event may be followed: spares the asking where nobody looks at anything. */
  get isFollowing(): boolean {
    return this.trace.isWatched || this.#tracer !== undefined;
  }

  /** Whether anybody reads more of such an event than its line and what is counted. */
  reads(event: Pick<LogEvent, 'kind' | 'status' | 'rule'>, stage?: CompiledStage): boolean {
    return this.isFollowing || stage?.monitoring.isSilent === false || isFailure(event);
  }

  /**
   * Something to follow the event with, if anybody looks; to be handed back with its facts. `from`: the
   * headers of the request it came with.
   */
  trail(outlook: Outlook, stage?: CompiledStage, from?: () => Carrier): Trail | undefined {
    const keepsSteps = stage?.monitoring.isTraced || this.trace.wants(outlook);
    const tracer = this.#tracer;
    if (!keepsSteps && !tracer) return undefined;
    const span = tracer?.begin(outlook as Pick<LogEvent, 'kind'>, from?.());
    return new Trail({ ticks: this.#ticks, keepsSteps, span });
  }

  /** The event is over. Never throws: what reads here is no reason for an event to fail. */
  record(facts: Facts): void {
    const { event } = facts;
    this.#log.event(event);
    try {
      this.#metrics.count(facts);
      this.#stageLogs.write(facts);
      facts.trail?.end(event);
      if (this.trace.isWatched || isFailure(event)) {
        this.trace.publish(event, () => this.#traceOf(facts));
      }
    } catch (error) {
      this.#log.error('A reader of events failed', error);
    }
  }

  #traceOf(facts: Facts): TraceRecord {
    const { event, at, trail } = facts;
    return {
      ...event,
      id: this.trace.nextId(),
      at,
      isDetailed: trail?.keepsSteps ?? false,
      steps: trail?.steps ?? [],
      // Of failed pushes there are thousands, and their reason says it all.
      lines: this.trace.isWatched || !isCall(event) ? executionLines(facts, tellsAll) : [],
    };
  }
}

const CALLS = new Set<LogEvent['kind']>(['push', 'fan-out', 'get', 'delete']);
const isCall = ({ kind }: LogEvent) => CALLS.has(kind);
