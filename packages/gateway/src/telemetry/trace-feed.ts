/**
 * Where trace records go while they are fresh: to whoever subscribed, and the failures into a short
 * memory. Nothing is kept for later, and nobody slows the gateway down: a subscriber gets so many
 * records a second and is told how many it was not given.
 */
import type { Clock } from '../ambient/clock.ts';
import type { EventKind, LogEvent } from './log.ts';
import type { TraceRecord } from './trace.ts';

/** Members that are left out match everything. */
export interface TraceFilter {
  readonly kinds?: readonly EventKind[];
  readonly apiId?: string;
  readonly stage?: string;
  readonly connectionId?: string;
  readonly route?: string;
  /** Only what was refused, failed, or ended other than by the client's or a backend's wish. */
  readonly failuresOnly?: boolean;
}

export interface Subscription {
  /** Records that matched and were not handed over, since the last one that was. */
  readonly leftOut: number;
  /** Safe to call twice. */
  cancel(): void;
}

/** Called within the event's own way through the gateway: it must only take note. */
export type TraceListener = (record: TraceRecord, leftOut: number) => void;

export interface SubscribeOptions {
  /** Records a second that are handed over; failures may come on top, as many again. Default 100. */
  readonly perSecondMax?: number;
}

const PER_SECOND_MAX = 100;
/** Failures of each kind that are remembered. */
export const RECENT_MAX = 100;

/** What is known of an event before it runs. */
export type Outlook = Pick<TraceRecord, 'kind'> & {
  readonly apiId?: string | undefined;
  readonly stage?: string | undefined;
  readonly connectionId?: string | undefined;
};

export class TraceFeed {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #subscribers = new Set<Subscriber>();
  readonly #recent = new Map<EventKind, TraceRecord[]>();
  #lastId = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  subscribe(
    filter: TraceFilter,
    listener: TraceListener,
    { perSecondMax = PER_SECOND_MAX }: SubscribeOptions = {},
  ): Subscription {
    const subscriber = new Subscriber(filter, listener, perSecondMax);
    this.#subscribers.add(subscriber);
    return {
      get leftOut() {
        return subscriber.leftOut;
      },
      cancel: () => {
        this.#subscribers.delete(subscriber);
      },
    };
  }

  /** Whether anybody has subscribed at all. */
  get isWatched(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Whether somebody wants this event and may still be given one in this second. */
  wants(outlook: Outlook): boolean {
    if (this.#subscribers.size === 0) return false;
    const second = Math.floor(this.#clock.now() / 1000);
    for (const subscriber of this.#subscribers) if (subscriber.wants(outlook, second)) return true;
    return false;
  }

  /** Ascending ids, one for each record that is made. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The event is over. `build` is called at most once, and only where somebody is given the record. */
  publish(event: LogEvent, build: () => TraceRecord): void {
    let record: TraceRecord | undefined;
    if (isFailure(event)) {
      record = build();
      this.#remember(record);
    }
    if (this.#subscribers.size === 0) return;
    const second = Math.floor(this.#clock.now() / 1000);
    for (const subscriber of this.#subscribers) {
      if (!subscriber.takes(event, second)) continue;
      record ??= build();
      subscriber.give(record);
    }
  }

  /** The failures of a moment ago, oldest first; at most `RECENT_MAX` of each kind. */
  recent(filter: TraceFilter = {}): TraceRecord[] {
    return [...this.#recent.values()]
      .flat()
      .filter((record) => matches(filter, record))
      .sort((one, other) => one.id - other.id);
  }

  /** A crowd of one kind does not push out another: pushes to gone connections come by thousands. */
  #remember(record: TraceRecord): void {
    const records = this.#recent.get(record.kind) ?? [];
    this.#recent.set(record.kind, records);
    records.push(record);
    if (records.length > RECENT_MAX) records.shift();
  }
}

/** Ends that somebody wished for. */
const WISHED = new Set(['client-closed', 'deleted']);

type FailureFacts = Pick<TraceRecord, 'kind' | 'status' | 'rule' | 'retry'>;

/** Whether something was refused, failed, or ended as nobody wished; an end is told of once. */
export function isFailure({ kind, status, rule, retry }: FailureFacts): boolean {
  if (kind === 'disconnect') return retry === undefined && rule !== undefined && !WISHED.has(rule);
  return status >= 400 || rule !== undefined;
}

const NAMES = ['apiId', 'stage', 'connectionId', 'route'] as const;

function matches(filter: TraceFilter, record: LogEvent): boolean {
  if (filter.kinds && !filter.kinds.includes(record.kind)) return false;
  if (NAMES.some((name) => filter[name] !== undefined && filter[name] !== record[name])) {
    return false;
  }
  return !filter.failuresOnly || isFailure(record);
}

/** As far as it can be said before the event has run: what is not known yet may still fit. */
function mayMatch(filter: TraceFilter, outlook: Outlook): boolean {
  if (filter.kinds && !filter.kinds.includes(outlook.kind)) return false;
  return !['apiId', 'stage', 'connectionId'].some((name) => {
    const wanted = filter[name as 'stage'];
    const known = outlook[name as 'stage'];
    return wanted !== undefined && known !== undefined && wanted !== known;
  });
}

class Subscriber {
  readonly #filter: TraceFilter;
  readonly #listener: TraceListener;
  readonly #perSecondMax: number;
  #second = -1;
  #given = 0;
  #failuresGiven = 0;
  leftOut = 0;

  constructor(filter: TraceFilter, listener: TraceListener, perSecondMax: number) {
    this.#filter = filter;
    this.#listener = listener;
    this.#perSecondMax = perSecondMax;
  }

  wants(outlook: Outlook, second: number): boolean {
    const isFull = this.#second === second && this.#given >= this.#perSecondMax;
    return !isFull && mayMatch(this.#filter, outlook);
  }

  /** Whether it is to be given this one; counts it one way or the other. */
  takes(event: LogEvent, second: number): boolean {
    if (!matches(this.#filter, event)) return false;
    if (this.#second !== second) {
      this.#second = second;
      this.#given = 0;
      this.#failuresGiven = 0;
    }
    if (this.#given < this.#perSecondMax) this.#given += 1;
    else if (isFailure(event) && this.#failuresGiven < this.#perSecondMax) {
      this.#failuresGiven += 1;
    } else {
      this.leftOut += 1;
      return false;
    }
    return true;
  }

  give(record: TraceRecord): void {
    const { leftOut } = this;
    this.leftOut = 0;
    this.#listener(record, leftOut);
  }
}
