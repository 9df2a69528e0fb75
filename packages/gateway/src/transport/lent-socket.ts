import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Peer, SocketReader } from './byte-socket.ts';
import { endStream, HandleSocket } from './handle-socket.ts';
import type { Handle } from './node-handles.ts';
import { piecesIn } from './pieces-in.ts';

const OWNER = Symbol('owner');

interface OwnedSocket extends Socket {
  [OWNER]?: LentSocket;
}

/** By the handle of a `net.Socket`, which keeps its addresses and its end. */
export class LentSocket extends HandleSocket {
  readonly #socket: Socket;

  /** `handle` is what `handleOf` has found. */
  constructor(socket: Socket, handle: Handle, reader: SocketReader, isLate: boolean) {
    const early = piecesIn(socket);
    super(handle, reader, isLate);
    this.#socket = socket;
    (socket as OwnedSocket)[OWNER] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
    // Its own turn: whoever takes the socket does not have it yet.
    for (const piece of early) process.nextTick(receiveEarly, this, piece);
    this.resume();
  }

  override get peer(): Peer {
    return this.#socket;
  }

  override get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  override received(bytes: Buffer, length: number): void {
    if (this.handle) this.reader.received(bytes, length);
    else if (!this.#socket.destroyed) this.#socket.unshift(bytes);
  }

  closed(error: Error | undefined): void {
    this.handle = undefined;
    this.reader.closed(error);
  }

  protected override endedByPeer(): void {
    endStream(this.#socket);
  }

  protected override fail(error: Error): void {
    this.#socket.destroy(error);
  }

  protected override shut(): void {
    // A second time, it would be an error, with a stack that nobody reads.
    if (!this.#socket.writableEnded) this.#socket.end();
  }

  protected override drop(): void {
    this.#socket.destroy();
  }

  protected override letGo(): Duplex {
    const socket = this.#socket;
    // The stream takes it that the handle is being read.
    this.resume();
    socket.off('error', onError);
    socket.off('close', onClose);
    delete (socket as OwnedSocket)[OWNER];
    this.giveToStream(socket);
    return socket;
  }
}

function receiveEarly(socket: LentSocket, bytes: Buffer): void {
  socket.received(bytes, bytes.length);
}

function onError(this: OwnedSocket): void {
  // `close` follows, and knows of it.
}

function onClose(this: OwnedSocket): void {
  this[OWNER]?.closed(this.errored ?? undefined);
}
