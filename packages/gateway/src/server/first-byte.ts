import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../ambient/clock.ts';

/** Every TLS handshake begins with this byte (RFC 8446, section 5.1); no HTTP method does. */
export const TLS_HANDSHAKE = 0x16;

export interface FirstByteOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** A client that has sent nothing by then is cut off. */
  readonly timeoutSeconds: number;
  /** Gets the socket as it was: the byte is still to be read. */
  decide(socket: Socket, byte: number): void;
}

/** Waits for the first byte of accepted connections, so that one port can serve two protocols. */
export class FirstByte {
  readonly #options: FirstByteOptions;
  readonly #waiting = new Map<Socket, Cancel>();

  constructor(options: FirstByteOptions) {
    this.#options = options;
  }

  await(socket: Socket): void {
    const { clock, timeoutSeconds, decide } = this.#options;
    const release = () => {
      this.#waiting.get(socket)?.();
      this.#waiting.delete(socket);
      socket.off('readable', look);
      socket.off('end', hangUp);
      socket.off('close', release);
      socket.off('error', ignore);
    };
    const look = () => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      release();
      socket.unshift(bytes);
      decide(socket, bytes[0]!);
    };
    const hangUp = () => socket.destroy();
    this.#waiting.set(socket, clock.after(timeoutSeconds * 1000, hangUp));
    socket.on('readable', look);
    // The client said goodbye without a word.
    socket.on('end', hangUp);
    socket.on('close', release);
    socket.on('error', ignore);
  }

  /** Hangs up on everyone who has said nothing yet. */
  stop(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }
}

/** A client that vanishes before its first byte: `close` follows. */
function ignore(): void {}
