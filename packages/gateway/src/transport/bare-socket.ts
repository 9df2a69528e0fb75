import { type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ByteSocket, Peer, SocketReader } from './byte-socket.ts';
import { endStream, HandleSocket } from './handle-socket.ts';
import type { HeldSocket } from './held-socket.ts';
import { Keeper } from './keeper.ts';
import { internals, type ShutdownRequest, type TcpHandle } from './node-handles.ts';

/** As a stream counts itself, while there is one. */
export interface CountingServer extends Server {
  _connections: number;
  _emitCloseIfDrained(): void;
}

interface OwnedRequest extends ShutdownRequest {
  owner?: BareSocket;
}

/** Present wherever there are handles: see `node-handles.ts`. */
const { ShutdownWrap } = internals ?? { ShutdownWrap: class {} };

/**
 * A connection that was accepted, and of which Node.js has made no stream: one costs more than what else
 * there is to a connection that comes and goes. Whoever asks for it gets one.
 */
export class BareSocket extends HandleSocket implements HeldSocket, Peer {
  declare protected handle: TcpHandle | undefined;
  readonly #server: CountingServer;
  #address: string | undefined;
  #hasEnded = false;
  #isShut = false;

  /** The server has counted it. */
  constructor(handle: TcpHandle, server: CountingServer) {
    super(handle, NOBODY, false);
    this.#server = server;
  }

  override get peer(): Peer {
    return this;
  }

  get remoteAddress(): string | undefined {
    if (this.#address === undefined) {
      const out: { address?: string } = {};
      this.handle?.getpeername(out);
      this.#address = out.address;
    }
    return this.#address;
  }

  override get bytesRead(): number {
    return this.handle?.bytesRead ?? 0;
  }

  get isOpen(): boolean {
    return this.handle !== undefined && !this.isEndedByPeer && !this.#hasEnded;
  }

  take(reader: SocketReader, isLate: boolean, unread?: Uint8Array): ByteSocket {
    const before = this.reader;
    this.reader = reader;
    this.isLate = isLate;
    const early = unread !== undefined && unread.length > 0 ? Buffer.from(unread) : undefined;
    const keeper = before instanceof Keeper && before.hasNews ? before : undefined;
    // Its own turn: whoever takes the socket does not have it yet.
    if (early || keeper) process.nextTick(catchUp, this, early, keeper);
    this.resume();
    return this;
  }

  /** From here on the reader is told nothing; what comes is for whoever takes it next. */
  hold(): HeldSocket {
    this.flush();
    this.reader = new Keeper(this);
    return this;
  }

  /** Tells the reader what came while there was none. */
  catchUp(early: Buffer | undefined, keeper: Keeper | undefined): void {
    if (early) this.received(early, early.length);
    for (const piece of keeper?.pieces ?? []) this.received(piece, piece.length);
    if (keeper?.end) this.reader.closed(keeper.end.error);
    else if (keeper && this.isEndedByPeer) this.sayEnded();
  }

  protected override endedByPeer(): void {
    if (this.#isShut) this.#close(undefined);
  }

  protected override shut(): void {
    const { handle } = this;
    if (!handle || this.#hasEnded) return;
    this.#hasEnded = true;
    // Closing says it as well, once the kernel has everything.
    if (this.isEndedByPeer && this.bytesUnsent === 0) {
      this.#close(undefined);
      return;
    }
    const request: OwnedRequest = new ShutdownWrap();
    request.owner = this;
    request.oncomplete = onShut;
    if (handle.shutdown(request) !== 0) this.isNowShut();
  }

  isNowShut(): void {
    this.#isShut = true;
    if (this.isEndedByPeer) this.#close(undefined);
  }

  protected override drop(): void {
    this.#close(undefined);
  }

  protected override fail(error: Error): void {
    this.#close(error);
  }

  /** The reader is told in a turn of its own, like that of a stream. */
  #close(error: Error | undefined): void {
    const { handle } = this;
    if (!handle) return;
    this.handle = undefined;
    handle.close();
    this.#server._connections -= 1;
    this.#server._emitCloseIfDrained();
    process.nextTick(tellClosed, this, error);
  }

  tellClosed(error: Error | undefined): void {
    this.reader.closed(error);
  }

  protected override letGo(): Duplex {
    const { handle, reader } = this;
    if (!handle) return new Socket().destroy();
    const server = this.#server;
    const options = { handle, allowHalfOpen: true, readable: true, writable: true };
    const socket = Object.assign(new Socket(options), { server, _server: server });
    this.giveToStream(socket);
    if (reader instanceof Keeper) for (const piece of reader.pieces) socket.push(piece);
    if (this.isEndedByPeer) endStream(socket);
    return socket;
  }
}

/** Before it is taken, it is not read. */
const NOBODY: SocketReader = { received() {}, ended() {}, drained() {}, closed() {} };

function catchUp(socket: BareSocket, early: Buffer | undefined, keeper: Keeper | undefined): void {
  socket.catchUp(early, keeper);
}

function tellClosed(socket: BareSocket, error: Error | undefined): void {
  socket.tellClosed(error);
}

function onShut(this: OwnedRequest): void {
  this.owner!.isNowShut();
}
