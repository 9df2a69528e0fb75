/**
 * One message for many connections. It is encoded once for each way in which it can go out, and all sockets
 * and queues hold the same bytes: ten thousand clients that do not read cost no copy.
 */
import { encodeDeflated } from './deflated-message.ts';
import { encodeMessage, type MessageForm } from './frame.ts';

export class SharedMessage {
  readonly bytes: Buffer;
  #form: MessageForm | undefined;
  #frames: Buffer | undefined;
  #deflatedForm: MessageForm | undefined;
  #deflated: Buffer | undefined;

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

  /** The same for clients that have agreed on permessage-deflate. */
  deflatedFor(form: MessageForm): Buffer {
    if (this.#deflated && form === this.#deflatedForm) return this.#deflated;
    this.#deflatedForm = form;
    this.#deflated = encodeDeflated(this.bytes, form);
    return this.#deflated;
  }
}
