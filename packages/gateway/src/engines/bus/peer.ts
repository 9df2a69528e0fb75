import { atEndOfTurn, type TurnWriter } from '../../transport/turn.ts';
import type { FrameKind } from './frame.ts';
import { Outbox } from './outbox.ts';
import { Waiting } from './waiting.ts';

type Write = (frames: Buffer) => boolean | Promise<boolean>;

/** One other node, from here: what is to be written to it, and the answers it owes. */
export class Peer implements TurnWriter {
  readonly waiting = new Waiting();
  readonly #write: Write;
  readonly #outbox = new Outbox();
  /** Requests in the outbox: without a way to the node they end at once. */
  #ids: number[] = [];
  #isCarrying = false;

  constructor(write: Write) {
    this.#write = write;
  }

  /**
   * Written once this turn of the event loop has handled everything that had arrived, behind what goes to
   * clients: nobody is told that something was sent before it was. Where carrying takes time, what comes
   * meanwhile waits for its end, and then travels together: the more there is to do, the less it costs each.
   */
  queue(kind: FrameKind, id: number, topic: string, payload: Uint8Array): void {
    if (this.#outbox.isEmpty && !this.#isCarrying) atEndOfTurn(this, true);
    this.#outbox.add(kind, id, topic, payload);
    if (kind === 'request') this.#ids.push(id);
  }

  flush(): void {
    if (this.#outbox.isEmpty) return;
    const isCarried = this.#write(this.#outbox.take());
    if (isCarried === true) {
      this.#ids.length = 0;
      return;
    }
    const ids = this.#ids;
    this.#ids = [];
    if (isCarried === false) {
      this.#fail(ids);
      return;
    }
    this.#isCarrying = true;
    void isCarried.then((done) => {
      this.#isCarrying = false;
      if (!done) this.#fail(ids);
      this.flush();
    });
  }

  #fail(ids: readonly number[]): void {
    for (const id of ids) this.waiting.take(id)?.unanswered('unanswered');
  }
}
