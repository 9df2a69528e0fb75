/**
 * What every bus does alike: who is a member, which answer belongs to which request, deadlines, bounds,
 * and one write for all frames of a turn of the event loop. How bytes get to another node, and how its
 * end is noticed, is the engine's part: it hands a carrier in and tells what arrives.
 */
import type { Cancel, Clock } from '../../ambient/clock.ts';
import {
  type BusReply,
  busBytesMax,
  busRequestsMax,
  type NodeBus,
  type RequestHandler,
} from '../node-bus.ts';
import { encodeFrame, type Frame } from './frame.ts';
import { Peer, type Pending } from './peer.ts';

export interface BusOptions {
  readonly clock: Clock;
  /** Takes whole frames to a member, in order. `false` when there is no way to it now. Never rejects. */
  carry(to: string, frames: Buffer): boolean | Promise<boolean>;
  /**
   * Whether a node this one has not heard of is a member: it may be younger than the last news. Rejects
   * when that cannot be said. Left out where nobody can be.
   */
  find?(incarnation: string): Promise<boolean>;
}

/** How often deadlines are looked at while anything is waited for. */
const SWEEP_MILLIS = 100;

export class Bus implements NodeBus {
  readonly #options: BusOptions;
  readonly #peers = new Map<string, Peer>();
  /** Nobody comes back under the incarnation of one that ended, whatever of it is still on its way. */
  readonly #ended = new Set<string>();
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #goneListeners = new Set<(incarnation: string) => void>();
  readonly #expelledListeners = new Set<() => void>();
  #self = '';
  #lastId = 0;
  #cancelSweep: Cancel | undefined;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  get self(): string {
    return this.#self;
  }

  members(): readonly string[] {
    return this.#self === '' ? [] : [this.#self, ...this.#peers.keys()];
  }

  isMember(incarnation: string): boolean {
    return (incarnation === this.#self && incarnation !== '') || this.#peers.has(incarnation);
  }

  onGone(listener: (incarnation: string) => void): () => void {
    return listen(this.#goneListeners, listener);
  }

  onExpelled(listener: () => void): () => void {
    return listen(this.#expelledListeners, listener);
  }

  answer(topic: string, handler: RequestHandler): void {
    if (topic.length > 255) throw new Error('A topic has at most 255 characters');
    if (this.#handlers.has(topic)) throw new Error(`${topic} is answered already`);
    this.#handlers.set(topic, handler);
  }

  request(to: string, topic: string, payload: Uint8Array, millis: number): Promise<BusReply> {
    if (to === this.#self) return this.#askSelf(topic, payload, millis);
    const peer = this.#peers.get(to);
    if (!peer) return this.#askUnknown(to, topic, payload, millis);
    if (peer.size >= busRequestsMax || peer.bytes + payload.length > busBytesMax) {
      return Promise.resolve({ kind: 'busy' });
    }
    return new Promise((resolve) => {
      const deadline = this.#options.clock.ticks() + millis;
      this.#lastId = (this.#lastId + 1) >>> 0;
      peer.add(this.#lastId, { resolve, deadline, bytes: payload.length });
      peer.queue(encodeFrame('request', this.#lastId, topic, payload), this.#lastId);
      this.#cancelSweep ??= this.#options.clock.after(SWEEP_MILLIS, () => this.#sweep());
    });
  }

  broadcast(topic: string, payload: Uint8Array): void {
    if (this.#peers.size === 0) return;
    const frame = encodeFrame('broadcast', 0, topic, payload);
    for (const peer of this.#peers.values()) peer.queue(frame);
  }

  // For the engine's side.

  /** This node is a member from now on. */
  enter(self: string): void {
    this.#self = self;
  }

  /** The others took this node for dead; it goes on as `self`. */
  reenter(self: string): void {
    this.#self = self;
    for (const listener of [...this.#expelledListeners]) listener();
  }

  joined(incarnation: string): void {
    if (this.isMember(incarnation) || this.#ended.has(incarnation)) return;
    this.#peers.set(incarnation, new Peer((frames) => this.#options.carry(incarnation, frames)));
  }

  /** Tells of the end of a node, also of one that was no member in this one's time. */
  left(incarnation: string): void {
    if (this.#ended.has(incarnation)) return;
    this.#ended.add(incarnation);
    const peer = this.#peers.get(incarnation);
    this.#peers.delete(incarnation);
    peer?.settleAll({ kind: 'gone' });
    for (const listener of [...this.#goneListeners]) listener(incarnation);
  }

  /** This node stops: whoever waits for an answer gets none. */
  close(): void {
    this.#self = '';
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const peer of this.#peers.values()) {
      peer.flush();
      peer.settleAll({ kind: 'unanswered' });
    }
    this.#peers.clear();
  }

  /** A request, an answer or a broadcast of the node `from` has arrived. */
  receive(from: string, { kind, id, topic, payload }: Frame): void {
    if (kind === 'request') this.#serve(from, id, topic, payload);
    else if (kind === 'answer') this.#peers.get(from)?.settle(id, { kind: 'answered', payload });
    else if (kind === 'failure') this.#peers.get(from)?.settle(id, { kind: 'unanswered' });
    else if (kind === 'broadcast') void this.#run(topic, payload, from);
  }

  #serve(from: string, id: number, topic: string, payload: Buffer): void {
    const answer = (result: Uint8Array | undefined) => {
      const frame = result ? encodeFrame('answer', id, '', result) : encodeFrame('failure', id);
      this.#peers.get(from)?.queue(frame);
    };
    const result = this.#run(topic, payload, from);
    if (result instanceof Promise) void result.then(answer);
    else answer(result);
  }

  /** What the handler says; `undefined` where there is none, or it failed. Never rejects. */
  #run(
    topic: string,
    payload: Buffer,
    from: string,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    try {
      const result = this.#handlers.get(topic)?.(payload, from);
      return result instanceof Promise ? result.catch(warn) : result;
    } catch (error) {
      return warn(error);
    }
  }

  async #askUnknown(
    to: string,
    topic: string,
    payload: Uint8Array,
    millis: number,
  ): Promise<BusReply> {
    const { find } = this.#options;
    if (!find || this.#ended.has(to) || this.#self === '') return { kind: 'gone' };
    try {
      if (!(await find(to))) return { kind: 'gone' };
    } catch {
      return { kind: 'unanswered' };
    }
    this.joined(to);
    return this.#peers.has(to) ? this.request(to, topic, payload, millis) : { kind: 'gone' };
  }

  async #askSelf(topic: string, payload: Uint8Array, millis: number): Promise<BusReply> {
    const result = this.#run(topic, Buffer.from(payload), this.#self);
    const answered = (bytes: Uint8Array | undefined): BusReply =>
      bytes ? { kind: 'answered', payload: Buffer.from(bytes) } : { kind: 'unanswered' };
    if (!(result instanceof Promise)) return answered(result);
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(millis, () => resolve({ kind: 'unanswered' }));
      void result.then((bytes) => {
        cancel();
        resolve(answered(bytes));
      });
    });
  }

  #sweep(): void {
    const now = this.#options.clock.ticks();
    let isWaiting = false;
    for (const peer of this.#peers.values()) {
      peer.expire((pending: Pending) => pending.deadline <= now);
      isWaiting ||= peer.size > 0;
    }
    this.#cancelSweep = isWaiting
      ? this.#options.clock.after(SWEEP_MILLIS, () => this.#sweep())
      : undefined;
  }
}

/** A handler that fails is a bug of its own; the bus goes on. */
function warn(error: unknown): undefined {
  process.emitWarning(error instanceof Error ? error : String(error));
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
