/** A plain TCP connection, read and written below Node.js's streams. */
import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { ByteSocket, type Piece, type SocketReader } from './byte-socket.ts';
import { type Handle, internals, type WriteRequest } from './node-handles.ts';

/** What is read is read before the next read begins, so all connections read into the same memory. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

const SOCKET = Symbol('socket');

interface OwnedHandle extends Handle {
  /** After `release`: the stream. */
  [SOCKET]?: HandleSocket | Socket;
}

interface OwnedSocket extends Socket {
  [SOCKET]?: HandleSocket;
}

interface OwnedRequest extends WriteRequest {
  owner?: HandleSocket;
  /** Must not be collected while the kernel has yet to take it. */
  piece?: Piece;
}

/** Present wherever a handle was found: see `handleOf`. */
const { WriteWrap, state, readBytesOrError, lastWriteWasAsync } = internals ?? {
  WriteWrap: class {},
  state: new Int32Array(0),
  readBytesOrError: 0,
  lastWriteWasAsync: 0,
};

/** For the next write, of any socket: nearly all are over when the call returns. */
let request: OwnedRequest = new WriteWrap();

export class HandleSocket extends ByteSocket {
  declare readonly socket: Socket;
  readonly #reader: SocketReader;
  #handle: OwnedHandle | undefined;
  #bytesUnsent = 0;
  #hasEnded = false;

  /** `handle` is what `handleOf` has found. */
  constructor(socket: Socket, handle: Handle, reader: SocketReader, isLate: boolean) {
    super(socket, isLate);
    this.#reader = reader;
    this.#handle = handle;
    const early = socket.read() as Buffer | null;
    (socket as OwnedSocket)[SOCKET] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
    // Once for all: it may have been taken and released before.
    if ((handle as OwnedHandle)[SOCKET] === undefined) handle.useUserBuffer(READ_BUFFER);
    (handle as OwnedHandle)[SOCKET] = this;
    handle.onread = onRead;
    // Its own turn: whoever takes the socket does not have it yet.
    if (early !== null) process.nextTick(receiveEarly, this, early);
    this.resume();
  }

  override get bytesUnsent(): number {
    return this.#bytesUnsent;
  }

  override get bytesRead(): number {
    return this.socket.bytesRead;
  }

  override get isPaused(): boolean {
    return this.#handle?.reading === false && !this.#hasEnded;
  }

  override pause(): void {
    const handle = this.#handle;
    if (!handle?.reading) return;
    handle.reading = false;
    handle.readStop();
  }

  override resume(): void {
    const handle = this.#handle;
    if (!handle || handle.reading || this.#hasEnded) return;
    handle.reading = true;
    const status = handle.readStart();
    if (status < 0) this.#fail('read', status);
  }

  protected override send(piece: Piece): void {
    const handle = this.#handle;
    if (!handle) return;
    const status =
      typeof piece === 'string'
        ? handle.writeLatin1String(request, piece)
        : handle.writeBuffer(request, piece);
    if (status !== 0) this.#fail('write', status);
    else if (state[lastWriteWasAsync] !== 0) this.#await(piece);
  }

  /** The kernel takes the rest of it later; the request is the kernel's until then. */
  #await(piece: Piece): void {
    request.owner = this;
    request.piece = piece;
    request.oncomplete = onWritten;
    request = new WriteWrap();
    this.#bytesUnsent += piece.length;
  }

  written(bytes: number, status: number): void {
    this.#bytesUnsent -= bytes;
    if (!this.#handle) return;
    if (status < 0) this.#fail('write', status);
    else if (this.#bytesUnsent === 0) this.#reader.drained();
  }

  received(bytes: Buffer, length: number): void {
    if (this.#handle) this.#reader.received(bytes, length);
    else if (!this.socket.destroyed) this.socket.unshift(bytes);
  }

  /** Nothing more can be read: there is no more, or the connection broke. */
  ended(status: number): void {
    const { socket } = this;
    if (status !== END_OF_FILE) {
      this.#fail('read', status);
      return;
    }
    this.#hasEnded = true;
    this.#reader.ended();
    this.flush();
    endStream(socket);
  }

  closed(error: Error | undefined): void {
    this.#handle = undefined;
    this.#reader.closed(error);
  }

  protected override letGo(): void {
    const { socket } = this;
    const handle = this.#handle;
    // The stream takes it that the handle is being read.
    this.resume();
    this.#handle = undefined;
    socket.off('error', onError);
    socket.off('close', onClose);
    delete (socket as OwnedSocket)[SOCKET];
    if (!handle) return;
    handle[SOCKET] = socket;
    handle.onread = onReadOfStream;
  }

  #fail(syscall: string, status: number): void {
    this.socket.destroy(systemError(syscall, status));
  }
}

/** libuv's number for the end of what is read. */
const END_OF_FILE = -4095;

function onRead(this: OwnedHandle): void {
  const socket = this[SOCKET] as HandleSocket;
  const bytes = state[readBytesOrError]!;
  if (bytes > 0) socket.received(READ_BUFFER, bytes);
  else if (bytes < 0) socket.ended(bytes);
}

/** What Node.js itself does with what is read, but from our buffer: a handle keeps the one it was given. */
function onReadOfStream(this: OwnedHandle): void {
  const socket = this[SOCKET] as Socket;
  const bytes = state[readBytesOrError]!;
  if (socket.destroyed) return;
  (socket as unknown as { _unrefTimer?(): void })._unrefTimer?.();
  if (bytes > 0) {
    if (socket.push(Buffer.from(READ_BUFFER.subarray(0, bytes)))) return;
    this.reading = false;
    this.readStop();
  } else if (bytes === END_OF_FILE) {
    endStream(socket);
  } else if (bytes < 0) {
    socket.destroy(systemError('read', bytes));
  }
}

/** The stream has to know, so that it closes once both sides have ended. */
function endStream(socket: Socket): void {
  if (socket.destroyed) return;
  socket.push(null);
  socket.read(0);
}

function onWritten(this: OwnedRequest, status: number): void {
  this.owner!.written(this.piece!.length, status);
}

function receiveEarly(socket: HandleSocket, bytes: Buffer): void {
  socket.received(bytes, bytes.length);
}

function onError(this: OwnedSocket): void {
  // `close` follows, and knows of it.
}

function onClose(this: OwnedSocket): void {
  this[SOCKET]?.closed(this.errored ?? undefined);
}

function systemError(syscall: string, errno: number): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall });
}
