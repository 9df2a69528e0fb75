/** One connection to a plain HTTP backend: one request at a time, kept open in between. */
import type { Socket } from 'node:net';
import type { ByteSocket, SocketReader } from '../../transport/byte-socket.ts';
import { takeSocket } from '../../transport/take-socket.ts';
import type { Carrier } from './exchange.ts';
import { type ResponseHeaders, ResponseReader, type ResponseSink } from './response-reader.ts';

/** A request under way, as its connection sees it. */
export interface LaneRequest {
  readonly isBodyless: boolean;
  /** Latin-1 text, up to and with the empty line. */
  readonly head: string;
  /** A text's characters are its bytes, as in the head. */
  readonly body: Uint8Array | string | null;
  /** Whom to ask when it is to be given up. */
  carriedBy(carrier: Carrier): void;
  receivedHead(status: number, headers: ResponseHeaders): void;
  /** The bytes from `start` to `end` are good until the call returns. */
  receivedData(bytes: Buffer, start: number, end: number): void;
  ended(): void;
  /** The last call, whatever went before. */
  failed(error: Error): void;
}

export interface LaneOwner {
  /** It waits for a request, for at most this long. */
  idle(connection: LaneConnection, seconds: number): void;
  gone(connection: LaneConnection): void;
  /** The connection ended, with `error`, before anything of the request was sent. */
  unsent(request: LaneRequest, error: Error): void;
}

export class LaneConnection implements Carrier, ResponseSink, SocketReader {
  readonly #owner: LaneOwner;
  readonly #reader: ResponseReader;
  #socket: ByteSocket | undefined;
  #request: LaneRequest | undefined;
  #isGone = false;
  /** Ticks of the clock after which it takes no further request; the owner's to write and read. */
  idleUntil = 0;

  constructor(owner: LaneOwner) {
    this.#owner = owner;
    this.#reader = new ResponseReader(this);
  }

  /** The socket is connected; nothing may have been read from it yet. */
  open(socket: Socket): void {
    this.#socket = takeSocket(socket, this);
  }

  send(request: LaneRequest): void {
    this.#request = request;
    this.#reader.begin(request.isBodyless);
    request.carriedBy(this);
    const { head, body } = request;
    // One piece is one write; two would be a gathering of them.
    if (body === null) this.#socket?.write(head);
    else if (typeof body === 'string') this.#socket?.write(head + body);
    else this.#socket?.write(joined(head, body));
  }

  /** The request's bytes are on their way: nothing but the connection's end takes them back. */
  giveUp(): void {
    this.destroy();
  }

  /** A request under way is failed by whoever destroys its connection. */
  destroy(): void {
    this.#request = undefined;
    this.#close(new BackendClosed());
  }

  /** Ends it and whatever request is under way. */
  fail(error: Error): void {
    this.#close(error);
  }

  /** For the socket, as the next three are. */
  received(bytes: Buffer, length: number): void {
    try {
      // Nobody has asked for anything, or not yet: it must not become the next one's answer.
      if (!this.#request || this.#socket?.bytesQueued !== 0) this.#close(new BackendClosed());
      else this.#reader.push(bytes, length);
    } catch (error) {
      this.#close(error as Error);
    }
  }

  ended(): void {
    try {
      if (!this.#request) this.#close(new BackendClosed());
      else this.#reader.finish();
    } catch {
      this.#close(new BackendClosed());
    }
  }

  drained(): void {
    // A request is written whole, and the next one only after its answer.
  }

  closed(error: Error | undefined): void {
    this.#close(error ?? new BackendClosed());
  }

  /** For the reader of its answers, as the next two are. */
  head(status: number, headers: ResponseHeaders): void {
    this.#request?.receivedHead(status, headers);
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.#request?.receivedData(bytes, start, end);
  }

  end(seconds: number): void {
    const request = this.#request;
    this.#request = undefined;
    // An answer to half a request: the other half must not be read as the next one.
    const isWritten = this.#socket?.bytesUnsent === 0;
    if (seconds === 0 || !isWritten || this.#isGone) this.destroy();
    else this.#owner.idle(this, seconds);
    request?.ended();
  }

  #close(error: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const request = this.#request;
    this.#request = undefined;
    // It was to go at the end of this turn, in which the backend closed a connection that was idle.
    const isUnsent = this.#socket?.takeBack() === true;
    this.#socket?.destroy();
    this.#owner.gone(this);
    if (!request) return;
    if (isUnsent) this.#owner.unsent(request, error);
    else request.failed(error);
  }
}

/** The backend ended the connection in the middle of an answer, or before it. */
export class BackendClosed extends Error {
  readonly code = 'UND_ERR_SOCKET';

  constructor() {
    super('other side closed');
  }
}

function joined(head: string, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, 'latin1');
  bytes.set(body, head.length);
  return bytes;
}
