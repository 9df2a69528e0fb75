import type { ByteSocket, SocketReader } from './byte-socket.ts';

/** As much is kept; the rest waits in the other side's own socket. */
const BYTES_MAX = 16_384;

const NONE: readonly Buffer[] = [];

/** Reads a socket while nobody else does, and remembers what came of it. */
export class Keeper implements SocketReader {
  readonly #socket: Pick<ByteSocket, 'pause'>;
  #pieces: Buffer[] | undefined;
  #bytes = 0;
  hasNews = false;
  /** Of the connection, if it is gone. */
  end: { readonly error: Error | undefined } | undefined;

  constructor(socket: Pick<ByteSocket, 'pause'>) {
    this.#socket = socket;
  }

  get pieces(): readonly Buffer[] {
    return this.#pieces ?? NONE;
  }

  received(bytes: Buffer, length: number): void {
    this.hasNews = true;
    this.#pieces ??= [];
    this.#pieces.push(Buffer.from(bytes.subarray(0, length)));
    this.#bytes += length;
    if (this.#bytes >= BYTES_MAX) this.#socket.pause();
  }

  ended(): void {
    this.hasNews = true;
  }

  drained(): void {
    // What was written before concerns nobody any more.
  }

  closed(error: Error | undefined): void {
    this.hasNews = true;
    this.end = { error };
  }
}
