/**
 * What every bus does alike: who is a member, which answer belongs to which request, deadlines, bounds,
 * and one write for all frames of a turn of the event loop. How bytes get to another node, and how its
 * end is noticed, is the engine's part: it hands a carrier in and tells what arrives.
 */
import type { Cancel, Clock } from '../../ambient/clock.ts';
import type { Asker, BusReply, InPlaceHandler, NodeBus, RequestHandler } from '../node-bus.ts';
import type { FrameKind } from './frame.ts';
import { Peer } from './peer.ts';
import { Topics } from './topics.ts';

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
const NOTHING = new Uint8Array(0);

export class Bus implements NodeBus {
  readonly #options: BusOptions;
  readonly #peers = new Map<string, Peer>();
  /** Nobody comes back under the incarnation of one that ended, whatever of it is still on its way. */
  readonly #ended = new Set<string>();
  readonly #topics = new Topics();
  readonly #goneListeners = new Set<(incarnation: string) => void>();
  readonly #expelledListeners = new Set<() => void>();
  #self = '';
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
    this.#topics.add(topic, handler);
  }

  answerInPlace(topic: string, handler: InPlaceHandler): void {
    this.#topics.addInPlace(topic, handler);
  }

  request(to: string, topic: string, payload: Uint8Array, millis: number): Promise<BusReply> {
    return new Promise((resolve) => {
      this.ask(to, topic, payload, millis, {
        answered: (bytes, start, end) =>
          resolve({ kind: 'answered', payload: Buffer.from(bytes.subarray(start, end)) }),
        unanswered: (kind) => resolve({ kind }),
      });
    });
  }

  ask(to: string, topic: string, payload: Uint8Array, millis: number, asker: Asker): void {
    const peer = this.#peers.get(to);
    if (!peer) {
      if (to === this.#self) this.#askSelf(topic, payload, millis, asker);
      else void this.#askUnknown(to, topic, payload, millis, asker);
      return;
    }
    const { waiting } = peer;
    if (!waiting.hasRoomFor(payload.length)) {
      queueMicrotask(() => asker.unanswered('busy'));
      return;
    }
    const deadline = this.#options.clock.ticks() + millis;
    peer.queue('request', waiting.add(asker, deadline, payload.length), topic, payload);
    this.#cancelSweep ??= this.#options.clock.after(SWEEP_MILLIS, this.#sweep);
  }

  broadcast(topic: string, payload: Uint8Array): void {
    for (const peer of this.#peers.values()) peer.queue('broadcast', 0, topic, payload);
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
    peer?.waiting.end('gone');
    for (const listener of [...this.#goneListeners]) listener(incarnation);
  }

  /** This node stops: whoever waits for an answer gets none. */
  close(): void {
    this.#self = '';
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const peer of this.#peers.values()) {
      peer.flush();
      peer.waiting.end('unanswered');
    }
    this.#peers.clear();
  }

  /** A frame of the node `from` has arrived, whose rest stands in `bytes` from `start` to `end`. */
  receive(
    from: string,
    kind: FrameKind,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (kind === 'answer') {
      this.#peers.get(from)?.waiting.take(id)?.answered(bytes, start, end);
    } else if (kind === 'failure') {
      this.#peers.get(from)?.waiting.take(id)?.unanswered('unanswered');
    } else if (kind === 'request' || kind === 'broadcast') {
      const result = this.#topics.serve(from, bytes, start, end);
      if (kind === 'broadcast') return;
      if (result instanceof Promise) void result.then((later) => this.#answer(from, id, later));
      else this.#answer(from, id, result);
    }
  }

  #answer(to: string, id: number, result: Uint8Array | undefined): void {
    const peer = this.#peers.get(to);
    if (result) peer?.queue('answer', id, '', result);
    else peer?.queue('failure', id, '', NOTHING);
  }

  async #askUnknown(
    to: string,
    topic: string,
    payload: Uint8Array,
    millis: number,
    asker: Asker,
  ): Promise<void> {
    const { find } = this.#options;
    try {
      const isMember = find && !this.#ended.has(to) && this.#self !== '' && find(to);
      if (!(await isMember)) return asker.unanswered('gone');
    } catch {
      return asker.unanswered('unanswered');
    }
    this.joined(to);
    if (this.#peers.has(to)) this.ask(to, topic, payload, millis, asker);
    else asker.unanswered('gone');
  }

  #askSelf(topic: string, payload: Uint8Array, millis: number, asker: Asker): void {
    const tell = (result: Uint8Array | undefined) => {
      if (result) asker.answered(Buffer.from(result), 0, result.length);
      else asker.unanswered('unanswered');
    };
    const result = this.#topics.run(topic, this.#self, Buffer.from(payload), 0, payload.length);
    if (!(result instanceof Promise)) {
      queueMicrotask(() => tell(result));
      return;
    }
    let isOver = false;
    const end = (told: Uint8Array | undefined) => {
      if (isOver) return;
      isOver = true;
      cancel();
      tell(told);
    };
    const cancel = this.#options.clock.after(millis, () => end(undefined));
    void result.then(end);
  }

  readonly #sweep = (): void => {
    const now = this.#options.clock.ticks();
    let isAnythingLeft = false;
    for (const { waiting } of this.#peers.values()) {
      waiting.end('unanswered', now);
      isAnythingLeft ||= waiting.size > 0;
    }
    this.#cancelSweep = isAnythingLeft
      ? this.#options.clock.after(SWEEP_MILLIS, this.#sweep)
      : undefined;
  };
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
