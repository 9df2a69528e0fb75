import { FRAME_LENGTH_BYTES, type FrameSink, lengthAt, readFrames } from './frame.ts';

/** Frames out of a stream of bytes that is cut anywhere. Only one that is cut is copied. */
export class FrameStream {
  readonly #sink: FrameSink;
  /** A frame that has begun, or the beginning of its length; as long as it will be. */
  #part: Buffer | undefined;
  #filled = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes `bytes` from 0 to `length`, which are the caller's again afterwards. Throws as `readFrames`. */
  read(bytes: Buffer, length: number): void {
    const start = this.#part ? this.#complete(this.#part, bytes, length) : 0;
    const at = readFrames(bytes, start, length, this.#sink);
    if (at < length) this.#begin(bytes, at, length);
  }

  /** Returns where what is left of `bytes` begins. */
  #complete(part: Buffer, bytes: Buffer, length: number): number {
    const taken = Math.min(part.length - this.#filled, length);
    bytes.copy(part, this.#filled, 0, taken);
    this.#filled += taken;
    if (this.#filled < part.length) return taken;
    this.#part = undefined;
    if (part.length > FRAME_LENGTH_BYTES) {
      readFrames(part, 0, part.length, this.#sink);
      return taken;
    }
    // Its length is known now.
    this.#begin(part, 0, part.length);
    return taken + this.#complete(this.#part!, bytes.subarray(taken), length - taken);
  }

  #begin(bytes: Buffer, at: number, end: number): void {
    const isLengthKnown = end - at >= FRAME_LENGTH_BYTES;
    const wanted = FRAME_LENGTH_BYTES + (isLengthKnown ? lengthAt(bytes, at) : 0);
    this.#part = Buffer.allocUnsafe(wanted);
    this.#filled = bytes.copy(this.#part, 0, at, end);
  }
}
