/** A connection as the stream that Node.js makes of it: TLS, and wherever handles are not to be had. */
import type { Duplex } from 'node:stream';
import { ByteSocket, type Peer, type Piece, type SocketReader } from './byte-socket.ts';

const SOCKET = Symbol('socket');

interface OwnedSocket extends Duplex {
  [SOCKET]?: StreamSocket;
}

export class StreamSocket extends ByteSocket {
  readonly socket: Duplex;
  readonly reader: SocketReader;
  #isBehind = false;

  constructor(socket: Duplex, reader: SocketReader, isLate: boolean) {
    super(isLate);
    this.socket = socket;
    this.reader = reader;
    (socket as OwnedSocket)[SOCKET] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
    socket.on('end', onEnd);
    socket.on('data', onData);
    // It may have been released, and so paused, before.
    socket.resume();
  }

  override get peer(): Peer {
    return this.socket as Duplex & Peer;
  }

  override get bytesUnsent(): number {
    return this.socket.writableLength;
  }

  override get bytesRead(): number {
    return (this.socket as { bytesRead?: number }).bytesRead ?? 0;
  }

  override get isPaused(): boolean {
    return this.socket.isPaused();
  }

  override pause(): void {
    this.socket.pause();
  }

  override resume(): void {
    this.socket.resume();
  }

  protected override send(piece: Piece): void {
    const { socket } = this;
    if (!socket.writable) return;
    socket.write(piece, 'latin1', this.#written);
    this.#isBehind = socket.writableLength > 0;
  }

  readonly #written = (): void => {
    if (!this.#isBehind || this.socket.writableLength > 0 || this.socket.destroyed) return;
    this.#isBehind = false;
    if ((this.socket as OwnedSocket)[SOCKET] === this) this.reader.drained();
  };

  protected override shut(): void {
    // A second time, it would be an error, with a stack that nobody reads.
    if (!this.socket.writableEnded) this.socket.end();
  }

  protected override drop(): void {
    this.socket.destroy();
  }

  protected override letGo(): Duplex {
    const { socket } = this;
    socket.pause();
    socket.off('error', onError);
    socket.off('close', onClose);
    socket.off('end', onEnd);
    socket.off('data', onData);
    delete (socket as OwnedSocket)[SOCKET];
    return socket;
  }
}

function onData(this: OwnedSocket, bytes: Buffer): void {
  this[SOCKET]?.reader.received(bytes, bytes.length);
}

function onEnd(this: OwnedSocket): void {
  this[SOCKET]?.reader.ended();
}

function onError(this: OwnedSocket): void {
  // `close` follows, and knows of it.
}

function onClose(this: OwnedSocket): void {
  this[SOCKET]?.reader.closed(this.errored ?? undefined);
}
