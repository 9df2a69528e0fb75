/**
 * The trace of the other nodes. Who follows asks each of them every few seconds; a node that is no longer
 * asked stops by itself, so a follower that dies costs nobody anything for long.
 */
import type { Cancel, Clock } from '../ambient/clock.ts';
import type { NodeBus } from '../engines/engine.ts';
import type { TraceRecord } from '../telemetry/trace.ts';
import type { TraceFeed, TraceFilter } from '../telemetry/trace-feed.ts';

export interface RemoteFollowing {
  readonly filter: TraceFilter;
  /** Of each node. */
  readonly perSecondMax: number;
}

export type RemoteListener = (record: TraceRecord, leftOut: number, node: string) => void;

const FOLLOW = 'trace-follow';
const LEAVE = 'trace-leave';
const RECORD = 'trace-record';
const RENEW_MILLIS = 5000;
const LEASE_MILLIS = 15_000;
const REQUEST_MILLIS = 5000;

interface Lease {
  readonly end: () => void;
  expiry: Cancel;
}

export class RemoteTrace {
  readonly #bus: NodeBus;
  readonly #clock: Clock;
  readonly #feed: TraceFeed;
  /** Whom this node tells, by node and stream. */
  readonly #leases = new Map<string, Lease>();
  /** Who follows others on this node, by stream. */
  readonly #listeners = new Map<string, RemoteListener>();
  #lastStream = 0;

  constructor(bus: NodeBus, feed: TraceFeed, clock: Clock) {
    this.#bus = bus;
    this.#feed = feed;
    this.#clock = clock;
    bus.answer(FOLLOW, (payload, from) => this.#lend(payload, from));
    bus.answer(LEAVE, (payload, from) => this.#end(`${from} ${payload}`));
    bus.answer(RECORD, (payload, from) => this.#receive(payload, from));
  }

  /** Hands over what happens on the other nodes, also on those that join later. */
  follow(following: RemoteFollowing, listener: RemoteListener): Cancel {
    this.#lastStream += 1;
    const stream = String(this.#lastStream);
    this.#listeners.set(stream, listener);
    const payload = Buffer.from(JSON.stringify({ stream, ...following }));
    const ask = () => this.#tellOthers(FOLLOW, payload);
    ask();
    const stopAsking = this.#clock.every(RENEW_MILLIS, ask);
    return () => {
      stopAsking();
      this.#listeners.delete(stream);
      this.#tellOthers(LEAVE, Buffer.from(stream));
    };
  }

  #tellOthers(topic: string, payload: Buffer): void {
    for (const node of this.#bus.members()) {
      if (node !== this.#bus.self) void this.#bus.request(node, topic, payload, REQUEST_MILLIS);
    }
  }

  #lend(payload: Buffer, from: string): Uint8Array {
    const { stream, filter, perSecondMax } = JSON.parse(payload.toString()) as RemoteFollowing & {
      stream: string;
    };
    const key = `${from} ${stream}`;
    const lease = this.#leases.get(key) ?? this.#begin(from, stream, { filter, perSecondMax });
    lease.expiry();
    lease.expiry = this.#clock.after(LEASE_MILLIS, () => this.#end(key));
    this.#leases.set(key, lease);
    return NOTHING;
  }

  #begin(to: string, stream: string, { filter, perSecondMax }: RemoteFollowing): Lease {
    let skipped = 0;
    const tell = async (record: TraceRecord, leftOut: number) => {
      const missing = leftOut + skipped;
      skipped = 0;
      const payload = Buffer.from(JSON.stringify({ stream, record, leftOut: missing }));
      const { kind } = await this.#bus.request(to, RECORD, payload, REQUEST_MILLIS);
      if (kind === 'busy') skipped += missing + 1;
    };
    const listener = (record: TraceRecord, leftOut: number) => void tell(record, leftOut);
    const subscription = this.#feed.subscribe(filter, listener, { perSecondMax });
    return { end: () => subscription.cancel(), expiry: () => {} };
  }

  #end(key: string): Uint8Array {
    const lease = this.#leases.get(key);
    lease?.expiry();
    lease?.end();
    this.#leases.delete(key);
    return NOTHING;
  }

  #receive(payload: Buffer, from: string): Uint8Array {
    const { stream, record, leftOut } = JSON.parse(payload.toString()) as {
      stream: string;
      record: TraceRecord;
      leftOut: number;
    };
    this.#listeners.get(stream)?.(record, leftOut, from);
    return NOTHING;
  }
}

const NOTHING = new Uint8Array();
