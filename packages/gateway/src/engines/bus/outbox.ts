import { type FrameKind, frameBytes, writeFrame } from './frame.ts';

/** Frames of some hundred pushes; what does not fit gets memory of its own. */
const SLAB_BYTES = 64 * 1024;

/**
 * Frames that go out together, one behind the other as they are sent. What was taken is never written again,
 * because whoever sends it may be at it for a while; its slab goes when everything on it has been sent.
 */
export class Outbox {
  #slab = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  add(kind: FrameKind, id: number, topic: string, payload: Uint8Array): void {
    const bytes = frameBytes(topic, payload);
    if (this.#end + bytes > this.#slab.length) this.#move(bytes);
    writeFrame(this.#slab, this.#end, kind, id, topic, payload);
    this.#end += bytes;
  }

  /** All that were added since the last time. */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return taken;
  }

  /** To a slab with room for what is here, and for as much again. */
  #move(bytes: number): void {
    const held = this.take();
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * held.length + bytes));
    slab.set(held);
    this.#slab = slab;
    this.#start = 0;
    this.#end = held.length;
  }
}
