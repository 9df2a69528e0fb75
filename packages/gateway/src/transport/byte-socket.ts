import type { Duplex } from 'node:stream';
import { atEndOfTurn, type TurnWriter } from './turn.ts';

/** Bytes, or text whose characters are one byte each. */
export type Piece = Uint8Array | string;

/** Who is at the other end of a connection. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
}

/** Whoever is told what comes of a socket. */
export interface SocketReader {
  /** `bytes` from 0 to `length` are good until the call returns: what is kept has to be copied. */
  received(bytes: Buffer, length: number): void;
  /** The other side sends nothing more. */
  ended(): void;
  /** The kernel has taken everything. Called only when some of it had to wait. */
  drained(): void;
  /** The connection is gone, and why if it broke. The last call. */
  closed(error: Error | undefined): void;
}

/** Longer pieces are not joined with others: copying them costs more than a send. */
const JOINED_BYTES_MAX = 16_384;

/** A connection's bytes, without the stream: what is written in one turn goes out in one send. */
export abstract class ByteSocket implements TurnWriter {
  protected isLate: boolean;
  #first: Piece | undefined;
  #more: Piece[] | undefined;
  #bytesQueued = 0;

  constructor(isLate: boolean) {
    this.isLate = isLate;
  }

  /** Of a stream the stream itself, which may know of a certificate. Neither read nor write it. */
  abstract readonly peer: Peer;

  /** Sends at the end of this turn. What is written to a connection that is gone is dropped. */
  write(piece: Piece): void {
    const { length } = piece;
    if (this.#first === undefined) {
      this.#first = piece;
      atEndOfTurn(this, this.isLate);
    } else if (this.#more === undefined) {
      this.#more = [piece];
    } else {
      this.#more.push(piece);
    }
    this.#bytesQueued += length;
    if (this.#bytesQueued >= JOINED_BYTES_MAX) this.flush();
  }

  /** Sends at once, behind what was written in this turn: for a piece that goes to many in a row. */
  writeNow(piece: Piece): void {
    if (this.#first === undefined) {
      this.send(piece);
    } else {
      this.write(piece);
      this.flush();
    }
  }

  /** Drops what was written in this turn and is not sent yet. Returns whether there was anything. */
  takeBack(): boolean {
    const isAnything = this.#first !== undefined;
    this.#first = undefined;
    this.#more = undefined;
    this.#bytesQueued = 0;
    return isAnything;
  }

  /** Sends now what was written in this turn. */
  flush(): void {
    const first = this.#first;
    if (first === undefined) return;
    const more = this.#more;
    const isShort = this.#bytesQueued < 2 * JOINED_BYTES_MAX;
    this.#first = undefined;
    this.#more = undefined;
    this.#bytesQueued = 0;
    if (more === undefined) {
      this.send(first);
    } else if (isShort) {
      this.send(joined(first, more));
    } else {
      this.send(first);
      for (const piece of more) this.send(piece);
    }
  }

  /** Bytes that go out at the end of this turn. */
  get bytesQueued(): number {
    return this.#bytesQueued;
  }

  /** Bytes that are not with the kernel yet. */
  get bytesPending(): number {
    return this.#bytesQueued + this.bytesUnsent;
  }

  /** Hands a piece to the kernel, in order. */
  protected abstract send(piece: Piece): void;

  /** Bytes the kernel did not take at once, because the other side is slow. */
  abstract get bytesUnsent(): number;
  abstract get bytesRead(): number;
  abstract get isPaused(): boolean;
  /** `received` is not called until `resume`. */
  abstract pause(): void;
  abstract resume(): void;

  /** No more is written; the connection is closed once the other side has said the same. */
  end(): void {
    this.flush();
    this.shut();
  }

  /** Closes the connection at once. `closed` follows. */
  destroy(): void {
    this.flush();
    this.drop();
  }

  /** Makes an ordinary stream of it, to be resumed, from which `unread` is read first. */
  release(unread?: Uint8Array): Duplex {
    this.flush();
    const stream = this.letGo();
    // A copy: what is read into is read into again.
    if (unread !== undefined && unread.length > 0) stream.unshift(Buffer.from(unread));
    return stream;
  }

  protected abstract shut(): void;
  protected abstract drop(): void;
  /** From here on the reader is told nothing, and the stream reads for itself. */
  protected abstract letGo(): Duplex;
}

function joined(first: Piece, more: readonly Piece[]): Piece {
  if (typeof first === 'string' && more.every((piece) => typeof piece === 'string')) {
    return first + more.join('');
  }
  let length = first.length;
  for (const piece of more) length += piece.length;
  const bytes = Buffer.allocUnsafe(length);
  let at = put(first, bytes, 0);
  for (const piece of more) at = put(piece, bytes, at);
  return bytes;
}

function put(piece: Piece, bytes: Buffer, at: number): number {
  if (typeof piece === 'string') bytes.write(piece, at, 'latin1');
  else bytes.set(piece, at);
  return at + piece.length;
}
