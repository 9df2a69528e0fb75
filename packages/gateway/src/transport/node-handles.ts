/**
 * What is used of Node.js below its streams. None of it is documented, so it is looked at once, when
 * this file is loaded; where anything is not as expected, sockets are used as streams instead.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The object below a `net.Socket`. */
export interface Handle {
  /** Called with the handle as `this`, when there are bytes or there will be none. */
  onread: (this: Handle) => void;
  reading: boolean;
  readonly bytesRead: number;
  readStart(): number;
  readStop(): number;
  /** From here on bytes are read into these. */
  useUserBuffer(bytes: Uint8Array): void;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

/** That of a TCP connection. */
export interface TcpHandle extends Handle {
  /** Says that nothing more is written, behind what waits to be. */
  shutdown(request: ShutdownRequest): number;
  /** Fills in `address`. */
  getpeername(out: { address?: string }): number;
  setNoDelay(isOn: boolean): number;
  close(): void;
}

/** A write that the kernel did not take at once. Until then nothing is done with it. */
export interface WriteRequest {
  oncomplete?: (this: WriteRequest, status: number) => void;
}

export interface ShutdownRequest {
  oncomplete?: (this: ShutdownRequest, status: number) => void;
}

export interface Internals {
  readonly Tcp: abstract new () => TcpHandle;
  readonly Pipe: abstract new () => Handle;
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => ShutdownRequest;
  /** What the last call of a handle, or a handle's last call, was about. */
  readonly state: Int32Array;
  /** Place in `state`: how many bytes were read, or a negative error. */
  readonly readBytesOrError: number;
  /** Place in `state`: whether the kernel did not take the whole of the last write. */
  readonly lastWriteWasAsync: number;
}

/** Those the tests were run with, over both kinds of sockets. */
const TRIED_MAJORS = { first: 20, last: 26 };

const METHODS = [
  'readStart',
  'readStop',
  'useUserBuffer',
  'writeLatin1String',
  'writeBuffer',
] as const;

/** Of connections that are accepted. */
const TCP_METHODS = ['shutdown', 'getpeername', 'setNoDelay', 'close'] as const;

/** `undefined` where sockets are to be used as streams. */
export const internals: Internals | undefined = findInternals();

/** The handle of a plain TCP connection or local socket that has not ended and on which no write waits. */
export function handleOf(socket: Duplex): Handle | undefined {
  if (!internals || !(socket instanceof Socket) || socket.destroyed) return undefined;
  const { _handle: handle, _readableState: state } = socket as unknown as {
    _handle?: Handle;
    _readableState?: { ended?: boolean };
  };
  const isPlain = isOf(handle, internals.Tcp) || isOf(handle, internals.Pipe);
  return isPlain && state?.ended === false && socket.writableLength === 0 ? handle : undefined;
}

function isOf(handle: Handle | undefined, kind: abstract new () => Handle): handle is Handle {
  return handle instanceof kind;
}

function findInternals(): Internals | undefined {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < TRIED_MAJORS.first || major > TRIED_MAJORS.last) return undefined;
  if (process.env.POSTERN_SOCKETS === 'streams') return undefined;
  try {
    const binding = (process as unknown as { binding(name: string): Binding }).binding;
    const { WriteWrap, ShutdownWrap, streamBaseState, ...places } = binding('stream_wrap');
    const { TCP } = binding('tcp_wrap');
    const { Pipe } = binding('pipe_wrap');
    const isComplete =
      typeof WriteWrap === 'function' &&
      typeof ShutdownWrap === 'function' &&
      streamBaseState instanceof Int32Array &&
      Number.isInteger(places.kReadBytesOrError) &&
      Number.isInteger(places.kLastWriteWasAsync) &&
      [TCP, Pipe].every((kind) => METHODS.every((name) => isMethod(kind?.prototype[name]))) &&
      TCP_METHODS.every((name) => isMethod(TCP?.prototype[name]));
    if (!isComplete) return undefined;
    return {
      Tcp: TCP,
      Pipe,
      WriteWrap,
      ShutdownWrap,
      state: streamBaseState,
      readBytesOrError: places.kReadBytesOrError,
      lastWriteWasAsync: places.kLastWriteWasAsync,
    } as Internals;
  } catch {
    // Such as under Node.js's permission model, which has none of this.
    return undefined;
  }
}

function isMethod(found: unknown): boolean {
  return typeof found === 'function';
}

type Binding = Partial<{
  readonly WriteWrap: Internals['WriteWrap'];
  readonly ShutdownWrap: Internals['ShutdownWrap'];
  readonly streamBaseState: unknown;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
  readonly TCP: Internals['Tcp'] & { readonly prototype: TcpHandle };
  readonly Pipe: Internals['Pipe'] & { readonly prototype: Handle };
}>;
