/**
 * The one place where the facts of an event come together when it is over. The live log and the trace
 * feed read from here, and so does everything that counts or writes.
 */
import type { Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { TraceRecord } from '../telemetry/trace.ts';
import { isFailure, type Outlook, TraceFeed } from '../telemetry/trace-feed.ts';
import { Trail } from '../telemetry/trail.ts';
import type { Facts } from './facts.ts';
import type { Metrics } from './metrics.ts';

export interface RecorderOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export class Recorder {
  readonly trace: TraceFeed;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #ticks: () => number;

  constructor({ log, clock, metrics }: RecorderOptions) {
    this.trace = new TraceFeed(clock);
    this.#log = log;
    this.#metrics = metrics;
    this.#ticks = () => clock.ticks();
  }

  /** Something to follow the event with, if anybody looks; to be handed back with its facts. */
  trail(outlook: Outlook): Trail | undefined {
    return this.trace.wants(outlook) ? new Trail(this.#ticks) : undefined;
  }

  /** The event is over. Never throws: what reads here is no reason for an event to fail. */
  record(facts: Facts): void {
    const { event } = facts;
    this.#log.event(event);
    this.#metrics.count(facts);
    if (!this.trace.isWatched && !isFailure(event)) return;
    try {
      this.trace.publish(this.#traceOf(facts));
    } catch (error) {
      this.#log.error('A reader of the trace failed', error);
    }
  }

  #traceOf({ event, at, trail }: Facts): TraceRecord {
    return {
      ...event,
      id: this.trace.nextId(),
      at,
      isDetailed: trail !== undefined,
      steps: trail?.steps ?? [],
      lines: [],
    };
  }
}
