import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../ambient/clock.ts';
import { piecesIn } from '../transport/pieces-in.ts';

export interface FirstWordsOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Whoever has not said enough by then is cut off. */
  readonly timeoutSeconds: number;
}

/** What was made of the first bytes: how many of them are used up, and what is to happen now. */
export interface Understood {
  readonly length: number;
  goOn(): void;
}

/** Gets all that has come so far. `none`: what comes is not what has to come. */
export type ReadWords = (bytes: Buffer) => Understood | 'more' | 'none';

/** Accepted connections of which nobody is told before they have said how they begin. */
export class FirstWords {
  readonly #options: FirstWordsOptions;
  readonly #waiting = new Map<Socket, Cancel>();

  constructor(options: FirstWordsOptions) {
    this.#options = options;
  }

  await(socket: Socket, read: ReadWords): void {
    const { clock, timeoutSeconds } = this.#options;
    const hangUp = () => socket.destroy();
    const release = () => {
      this.#waiting.get(socket)?.();
      this.#waiting.delete(socket);
      socket.off('readable', look);
      socket.off('end', hangUp);
      socket.off('close', release);
      socket.off('error', ignore);
    };
    let bytes = Buffer.alloc(0);
    const look = () => {
      const pieces = piecesIn(socket);
      if (pieces.length === 0) return;
      bytes = Buffer.concat([bytes, ...pieces]);
      const words = read(bytes);
      if (words === 'more') return;
      if (words === 'none') return hangUp();
      release();
      const rest = bytes.subarray(words.length);
      if (rest.length > 0) socket.unshift(rest);
      words.goOn();
    };
    this.#waiting.set(socket, clock.after(timeoutSeconds * 1000, hangUp));
    socket.on('readable', look);
    // The client said goodbye, having said too little.
    socket.on('end', hangUp);
    socket.on('close', release);
    socket.on('error', ignore);
  }

  /** Hangs up on everyone who has not said enough yet. */
  stop(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }
}

/** A client that vanishes: `close` follows. */
function ignore(): void {}
