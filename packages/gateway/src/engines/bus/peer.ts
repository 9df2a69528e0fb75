import type { BusReply } from '../node-bus.ts';

/** A request that waits for its answer. */
export interface Pending {
  resolve(reply: BusReply): void;
  /** In ticks of the clock. */
  readonly deadline: number;
  readonly bytes: number;
}

/** One other node, from here: what is to be written to it, and the answers it owes. */
export class Peer {
  readonly #write: (frames: Buffer) => boolean | Promise<boolean>;
  readonly #pending = new Map<number, Pending>();
  #bytes = 0;
  #frames: Buffer[] = [];
  /** Requests among the frames: without a way to the node they end at once. */
  #ids: number[] = [];
  #isCarrying = false;

  constructor(write: (frames: Buffer) => boolean | Promise<boolean>) {
    this.#write = write;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Of the requests that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(id: number, pending: Pending): void {
    this.#pending.set(id, pending);
    this.#bytes += pending.bytes;
  }

  settle(id: number, reply: BusReply): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    this.#bytes -= pending.bytes;
    pending.resolve(reply);
  }

  settleAll(reply: BusReply): void {
    for (const id of [...this.#pending.keys()]) this.settle(id, reply);
  }

  expire(isOver: (pending: Pending) => boolean): void {
    for (const [id, pending] of this.#pending) {
      if (isOver(pending)) this.settle(id, { kind: 'unanswered' });
    }
  }

  /**
   * Written once this turn of the event loop has handled everything that had arrived. Where carrying
   * takes time, what comes meanwhile waits for its end, and then travels together: the more there is
   * to do, the less it costs each.
   */
  queue(frame: Buffer, id?: number): void {
    if (this.#frames.length === 0 && !this.#isCarrying) setImmediate(() => this.flush());
    this.#frames.push(frame);
    if (id !== undefined) this.#ids.push(id);
  }

  flush(): void {
    if (this.#frames.length === 0) return;
    const [frames, ids] = [this.#frames, this.#ids];
    this.#frames = [];
    this.#ids = [];
    const isCarried = this.#write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
    const fail = () => {
      for (const id of ids) this.settle(id, { kind: 'unanswered' });
    };
    if (!(isCarried instanceof Promise)) {
      if (!isCarried) fail();
      return;
    }
    this.#isCarrying = true;
    void isCarried.then((done) => {
      this.#isCarrying = false;
      if (!done) fail();
      this.flush();
    });
  }
}
