import type { SharedMessage } from './shared-message.ts';

type Message = Buffer | SharedMessage;

/**
 * Messages behind those the socket is still writing. It exists only while a client is slower than whoever
 * pushes to it; until then nothing is queued and nothing counted.
 */
export class SendQueue {
  readonly #messages: Message[] = [];
  #head = 0;
  #bytes = 0;
  /** Messages the socket has and has not written yet. */
  handed = 0;
  /** Ticks of the clock at the first message that did not fit since the client last took something. */
  fullSince: number | undefined;

  /** All that wait: here, and in the socket since this queue began. */
  get length(): number {
    return this.#messages.length - this.#head + this.handed;
  }

  /** Whether nothing waits here. */
  get isEmpty(): boolean {
    return this.#head === this.#messages.length;
  }

  /** Of the messages here; what the socket has it counts itself. */
  get bytes(): number {
    return this.#bytes;
  }

  push(message: Message): void {
    this.#messages.push(message);
    this.#bytes += message.length;
  }

  /** The oldest message here, taken out; to drop it, or to hand it to the socket. */
  shift(): Message | undefined {
    const message = this.#messages[this.#head];
    if (message === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= message.length;
    // Taking from the front of a long array copies it: once in a while is enough.
    if (this.#head >= 1024 || this.#head === this.#messages.length) {
      this.#messages.splice(0, this.#head);
      this.#head = 0;
    }
    return message;
  }
}
