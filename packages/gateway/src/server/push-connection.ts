import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpReply } from '../wire/http-reply.ts';
import { type PushRequest, readPush } from './push-request.ts';

export type AnswerPush = (request: PushRequest, socket: Socket) => HttpReply | Promise<HttpReply>;

export interface PushConnectionOptions {
  /** For a connection that has sent nothing yet. */
  readonly firstRequestSeconds: number;
  /** Between an answer and the next request. */
  readonly keepAliveSeconds: number;
  /** Must not throw or reject. */
  readonly answer: AnswerPush;
  /** Takes the socket over, with every byte still to be read. */
  handOver(socket: Socket): void;
  /** Ends a connection on which nothing was said in time. */
  refuseSilent(socket: Socket): void;
  /** The connection is no longer in the lane. */
  left(): void;
}

/** Requests in one read from which on a connection gives way to others; SDKs send one at a time. */
const PIPELINED_MAX = 16;

/** One connection in the lane: pushes one after another, until something else comes. */
export class PushConnection {
  readonly #socket: Socket;
  readonly #options: PushConnectionOptions;
  /** What was read behind the request that is being answered. */
  #behind: Buffer[] | undefined;
  #hasSpoken = false;
  #isLast = false;
  #hasLeft = false;
  /** Whether answers wait for the client to read them. */
  #isUnread = false;

  constructor(socket: Socket, options: PushConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(options.firstRequestSeconds * 1000);
    socket.on('data', this.#read);
    socket.on('end', this.#end);
    socket.on('close', this.#close);
    socket.on('error', ignore);
    socket.on('timeout', this.#silence);
  }

  /** The answer under way, if any, is the last one. */
  finish(): void {
    this.#isLast = true;
    if (!this.#behind) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #read = (bytes: Buffer): void => {
    if (!this.#behind) {
      const answered = this.#serve(bytes);
      if (answered >= PIPELINED_MAX) this.#giveWay();
      this.#awaitReader();
      return;
    }
    // A client that does not wait for its answer is not read further until it has it.
    this.#behind.push(bytes);
    this.#socket.pause();
  };

  /** A client that does not read its answers is not read either, until it has. */
  #awaitReader(): void {
    const socket = this.#socket;
    if (this.#hasLeft || !socket.writableNeedDrain) return;
    socket.pause();
    if (this.#isUnread) return;
    this.#isUnread = true;
    socket.once('drain', () => {
      this.#isUnread = false;
      if (!this.#hasLeft && !this.#behind) socket.resume();
    });
  }

  /** A client that does not wait for answers has others served before it is read again. */
  #giveWay(): void {
    const socket = this.#socket;
    if (this.#hasLeft) return;
    socket.pause();
    setImmediate(() => {
      if (!this.#hasLeft && !this.#behind && !this.#isUnread) socket.resume();
    });
  }

  /** How many it has answered before there was nothing left, or something else to do. */
  #serve(bytes: Buffer): number {
    let at = 0;
    let answered = 0;
    while (at < bytes.length) {
      const push = readPush(bytes, at);
      if (!push || this.#isLast) {
        this.#leave(bytes.subarray(at));
        return answered;
      }
      if (!this.#hasSpoken) {
        this.#hasSpoken = true;
        this.#socket.setTimeout(this.#options.keepAliveSeconds * 1000);
      }
      at = push.end;
      const answer = this.#options.answer(push.request, this.#socket);
      if (answer instanceof Promise) {
        this.#behind = at < bytes.length ? [bytes.subarray(at)] : [];
        void answer.then(this.#answeredLater);
        return answered;
      }
      this.#write(answer);
      answered += 1;
    }
    return answered;
  }

  readonly #answeredLater = (reply: HttpReply): void => {
    const behind = this.#behind ?? [];
    this.#behind = undefined;
    if (this.#socket.destroyed) return;
    this.#write(reply);
    if (!this.#isUnread) this.#socket.resume();
    this.#awaitReader();
    if (behind.length > 0) this.#serve(behind.length === 1 ? behind[0]! : Buffer.concat(behind));
  };

  #write(reply: HttpReply): void {
    const isLast = this.#isLast;
    const text = replyText(reply, isLast ? undefined : this.#options.keepAliveSeconds);
    this.#socket.write(text, reply.body === '' ? 'latin1' : 'utf8');
    if (isLast) this.#socket.end();
  }

  /** To node:http, for good: as if the connection had just been accepted there. */
  #leave(unread: Buffer): void {
    const socket = this.#socket;
    this.#detach();
    socket.pause();
    socket.unshift(unread);
    this.#options.handOver(socket);
    socket.resume();
  }

  readonly #end = (): void => {
    this.finish();
  };

  readonly #close = (): void => {
    this.#detach();
  };

  readonly #silence = (): void => {
    if (this.#behind) return;
    const socket = this.#socket;
    this.#detach();
    if (this.#hasSpoken) socket.destroy();
    else this.#options.refuseSilent(socket);
  };

  #detach(): void {
    const socket = this.#socket;
    this.#hasLeft = true;
    socket.setTimeout(0);
    socket.off('data', this.#read);
    socket.off('end', this.#end);
    socket.off('close', this.#close);
    socket.off('timeout', this.#silence);
    socket.off('error', ignore);
    this.#options.left();
  }
}

/** A client that vanishes: `close` follows. */
function ignore(): void {}

/** Node's own form of the same answer, member for member. */
function replyText(reply: HttpReply, keepAliveSeconds: number | undefined): string {
  const { status, headers, body } = reply;
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  if (status !== 204) text += `content-length: ${Buffer.byteLength(body)}\r\n`;
  text += `Date: ${httpDate()}\r\n`;
  text +=
    keepAliveSeconds === undefined
      ? 'Connection: close\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`;
  return `${text}\r\n${body}`;
}

let dateSecond = 0;
let dateText = '';

/** Of this second: made once for all answers in it, as node:http does. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
