import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BareSocket } from './bare-socket.ts';
import type { ByteSocket, Peer, SocketReader } from './byte-socket.ts';
import { takeSocket } from './take-socket.ts';

/** A connection that nobody reads for now. What comes in the meantime is not lost. */
export interface HeldSocket {
  readonly peer: Peer;
  /** Neither side has ended. */
  readonly isOpen: boolean;
  /**
   * `reader` is told from the next turn on: first of `unread`, then of what came in the meantime.
   * `isLate`: what is written goes out after what others were written in the same turn, for answers
   * that say what became of those.
   */
  take(reader: SocketReader, isLate: boolean, unread?: Uint8Array): ByteSocket;
  /** Makes an ordinary stream of it, to be resumed, from which `unread` is read first. */
  release(unread?: Uint8Array): Duplex;
  /** Closes the connection. Nobody is told. */
  destroy(): void;
}

/** One that is a stream already. Until it is taken or released, its errors are nobody's. */
export class HeldStream implements HeldSocket {
  readonly #stream: Duplex;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('error', ignore);
  }

  get peer(): Peer {
    return this.#stream as Duplex & Peer;
  }

  get isOpen(): boolean {
    return this.#stream.readable && this.#stream.writable;
  }

  take(reader: SocketReader, isLate: boolean, unread?: Uint8Array): ByteSocket {
    const stream = this.release(unread);
    if (stream instanceof Socket) stream.setTimeout(0);
    return takeSocket(stream, reader, isLate);
  }

  release(unread?: Uint8Array): Duplex {
    const stream = this.#stream;
    stream.off('error', ignore);
    if (unread !== undefined && unread.length > 0) stream.unshift(unread);
    return stream;
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/** From here on the reader of `socket` is told nothing; what comes is for whoever takes it next. */
export function hold(socket: ByteSocket): HeldSocket {
  if (socket instanceof BareSocket) return socket.hold();
  const stream = socket.release();
  // As node:http leaves it: read from as soon as somebody wants what it says.
  (stream as { readableFlowing: boolean | null }).readableFlowing = null;
  return new HeldStream(stream);
}

/** A client may vanish at any time; what that means is decided where the socket is next used. */
function ignore(): void {}
