/**
 * One message for many connections. It is encoded once for each way in which it can go out, and all sockets
 * and queues hold the same bytes: ten thousand clients that do not read cost no copy.
 */
import { encodeMessage, type MessageForm } from './frame.ts';

export class SharedMessage {
  readonly bytes: Buffer;
  #form: MessageForm | undefined;
  #frames: Buffer | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The whole message as frames. Connections of one stage have one form, so it is made once. */
  framesFor(form: MessageForm): Buffer {
    if (this.#frames && form === this.#form) return this.#frames;
    this.#form = form;
    this.#frames = encodeMessage(this.bytes, form);
    return this.#frames;
  }
}
