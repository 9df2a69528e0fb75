/** A plain TCP connection, read and written below Node.js's streams. */
import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { ByteSocket, type Piece, type SocketReader } from './byte-socket.ts';
import { type Handle, internals, type WriteRequest } from './node-handles.ts';

/** What is read is read before the next read begins, so all connections read into the same memory. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

const OWNER = Symbol('owner');

interface OwnedHandle extends Handle {
  /** After `giveToStream`: the stream. */
  [OWNER]?: HandleSocket | Socket;
}

interface OwnedRequest extends WriteRequest {
  owner?: HandleSocket;
  /** Must not be collected while the kernel has yet to take it. */
  piece?: Piece;
}

/** Present wherever a handle was found: see `node-handles.ts`. */
const { WriteWrap, state, readBytesOrError, lastWriteWasAsync } = internals ?? {
  WriteWrap: class {},
  state: new Int32Array(0),
  readBytesOrError: 0,
  lastWriteWasAsync: 0,
};

/** For the next write, of any socket: nearly all are over when the call returns. */
let request: OwnedRequest = new WriteWrap();

/** Reads and writes; how the connection ends is for those that know whose handle it is. */
export abstract class HandleSocket extends ByteSocket {
  protected reader: SocketReader;
  protected handle: OwnedHandle | undefined;
  protected isEndedByPeer = false;
  #bytesUnsent = 0;

  constructor(handle: Handle, reader: SocketReader, isLate: boolean) {
    super(isLate);
    this.reader = reader;
    this.handle = handle;
    // Once for all: it may have been taken and released before.
    if (this.handle[OWNER] === undefined) handle.useUserBuffer(READ_BUFFER);
    this.handle[OWNER] = this;
    handle.onread = onRead;
  }

  override get bytesUnsent(): number {
    return this.#bytesUnsent;
  }

  override get isPaused(): boolean {
    return this.handle?.reading === false && !this.isEndedByPeer;
  }

  override pause(): void {
    const { handle } = this;
    if (!handle?.reading) return;
    handle.reading = false;
    handle.readStop();
  }

  override resume(): void {
    const { handle } = this;
    if (!handle || handle.reading || this.isEndedByPeer) return;
    handle.reading = true;
    const status = handle.readStart();
    if (status < 0) this.fail(systemError('read', status));
  }

  protected override send(piece: Piece): void {
    const { handle } = this;
    if (!handle) return;
    const status =
      typeof piece === 'string'
        ? handle.writeLatin1String(request, piece)
        : handle.writeBuffer(request, piece);
    if (status !== 0) this.fail(systemError('write', status));
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
    if (!this.handle) return;
    if (status < 0) this.fail(systemError('write', status));
    else if (this.#bytesUnsent === 0) this.reader.drained();
  }

  /** For `onRead`, as the next one is. */
  received(bytes: Buffer, length: number): void {
    if (this.handle) this.reader.received(bytes, length);
  }

  /** Nothing more can be read: there is no more, or the connection broke. */
  stopped(status: number): void {
    if (status !== END_OF_FILE) {
      this.fail(systemError('read', status));
      return;
    }
    this.isEndedByPeer = true;
    this.sayEnded();
  }

  protected sayEnded(): void {
    this.reader.ended();
    this.flush();
    this.endedByPeer();
  }

  /** The other side has ended, and the reader has said what it had to. */
  protected abstract endedByPeer(): void;

  /** The connection broke. */
  protected abstract fail(error: Error): void;

  /** From here on `stream`, which has the handle, reads for itself. */
  protected giveToStream(stream: Socket): void {
    const { handle } = this;
    this.handle = undefined;
    if (!handle) return;
    handle[OWNER] = stream;
    handle.onread = onReadOfStream;
  }
}

/** libuv's number for the end of what is read. */
const END_OF_FILE = -4095;

function onRead(this: OwnedHandle): void {
  const socket = this[OWNER] as HandleSocket;
  const bytes = state[readBytesOrError]!;
  if (bytes > 0) socket.received(READ_BUFFER, bytes);
  else if (bytes < 0) socket.stopped(bytes);
}

/** What Node.js itself does with what is read, but from our buffer: a handle keeps the one it was given. */
function onReadOfStream(this: OwnedHandle): void {
  const socket = this[OWNER] as Socket;
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
export function endStream(socket: Socket): void {
  if (socket.destroyed) return;
  socket.push(null);
  socket.read(0);
}

function onWritten(this: OwnedRequest, status: number): void {
  this.owner!.written(this.piece!.length, status);
}

function systemError(syscall: string, errno: number): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall });
}
