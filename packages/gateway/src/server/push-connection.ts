import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock } from '../ambient/clock.ts';
import type { ReplyListener } from '../management-api/management-api.ts';
import type { ByteSocket, Peer, SocketReader } from '../transport/byte-socket.ts';
import { type HeldSocket, hold } from '../transport/held-socket.ts';
import { httpDate } from '../wire/http-date.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import { type PlainHandshake, readHandshake } from './plain-handshake.ts';
import type { PushRequest } from './push-request.ts';
import { readPush } from './read-push.ts';
import { learnFrom } from './repeated-push.ts';

/** Where pushes are answered. Neither may throw. */
export interface PushDoor {
  /** `undefined`: `listener` is told later, and not before this returns. */
  push(request: PushRequest, socket: Peer, listener: ReplyListener): HttpReply | undefined;
  /** What is answered where something went wrong that should not. */
  failure(error: unknown): HttpReply;
}

export interface PushConnectionOptions {
  /** Between an answer and the next request; what clients are told. */
  readonly keepAliveSeconds: number;
  readonly door: PushDoor;
  /**
   * Takes the socket of a client that wants a WebSocket; `early` is what it has sent behind its
   * handshake. Left out, nobody may open one here, which node:http says.
   */
  readonly upgrade?:
    | ((request: PlainHandshake, socket: HeldSocket, early: Buffer) => void)
    | undefined;
  /** Takes the socket over, with every byte still to be read. */
  handOver(socket: Socket): void;
  /** Ends a connection on which nothing was said in time. */
  refuseSilent(socket: Socket): void;
}

/** What a connection is told of, and told by. */
export interface Lane {
  /** A number that goes up by one now and then; one for all connections, where a timer each costs more. */
  readonly time: number;
  /** The connection is no longer in the lane. */
  left(connection: PushConnection): void;
}

/** Requests in one read from which on a connection gives way to others; SDKs send one at a time. */
const PIPELINED_MAX = 16;

const NO_BYTES = Buffer.alloc(0);

/** One connection in the lane: pushes one after another, until something else comes. */
export class PushConnection implements SocketReader, ReplyListener {
  readonly #socket: ByteSocket;
  readonly #options: PushConnectionOptions;
  readonly #lane: Lane;
  /** What was read behind the request that is being answered. */
  #behind: Buffer[] | undefined;
  /** That request, if it may teach how to read others. */
  #asked: PushRequest | undefined;
  #spokeAt: number;
  #hasSpoken = false;
  #isLast = false;
  #hasLeft = false;
  /** Others are being served first. */
  #givesWay = false;

  constructor(socket: HeldSocket, lane: Lane, options: PushConnectionOptions) {
    this.#options = options;
    this.#lane = lane;
    this.#spokeAt = lane.time;
    // An answer goes out after the frame that it is about.
    this.#socket = socket.take(this, true);
  }

  /** The answer under way, if any, is the last one; what comes behind it is not looked at. */
  finish(): void {
    this.#isLast = true;
    if (!this.#behind) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends it when nothing was said in time: in so many steps of the lane's time, from accepting or answering on. */
  endSilent(firstRequestSteps: number, keepAliveSteps: number): void {
    const steps = this.#hasSpoken ? keepAliveSteps : firstRequestSteps;
    if (this.#behind || this.#lane.time - this.#spokeAt < steps) return;
    if (this.#hasSpoken) this.#socket.destroy();
    else this.#options.refuseSilent(this.#leave());
  }

  received(bytes: Buffer, length: number): void {
    this.#spokeAt = this.#lane.time;
    if (!this.#behind) {
      const answered = this.#serve(bytes, length);
      if (answered >= PIPELINED_MAX) this.#giveWay();
      // A client that does not read its answers is not read either, until it has.
      if (!this.#hasLeft && this.#socket.bytesUnsent > 0) this.#socket.pause();
      return;
    }
    // A client that does not wait for its answer is not read further until it has it.
    this.#behind.push(Buffer.from(bytes.subarray(0, length)));
    this.#socket.pause();
  }

  drained(): void {
    this.#spokeAt = this.#lane.time;
    this.#resume();
  }

  ended(): void {
    this.finish();
  }

  closed(): void {
    this.#hasLeft = true;
    this.#lane.left(this);
  }

  #resume(): void {
    const isBusy = this.#behind !== undefined || this.#givesWay || this.#socket.bytesUnsent > 0;
    if (!this.#hasLeft && !isBusy) this.#socket.resume();
  }

  /** A client that does not wait for answers has others served before it is read again. */
  #giveWay(): void {
    if (this.#hasLeft) return;
    this.#givesWay = true;
    this.#socket.pause();
    setImmediate(() => {
      this.#givesWay = false;
      this.#resume();
    });
  }

  /** How many it has answered before there was nothing left, or something else to do. */
  #serve(bytes: Buffer, length: number): number {
    let at = 0;
    let answered = 0;
    // What comes after the last answer could be carried out and never answered: its client tries again.
    while (at < length && !this.#isLast) {
      const push = readPush(bytes, at, length);
      if (!push) {
        this.#becomeOther(bytes, at, length);
        return answered;
      }
      this.#hasSpoken = true;
      const begin = at;
      at += push.headBytes + push.body.length;
      const answer = this.#options.door.push(push, this.#socket.peer, this);
      if (answer === undefined) {
        push.keep();
        this.#asked = begin === 0 ? push : undefined;
        this.#behind = at < length ? [Buffer.from(bytes.subarray(at, length))] : [];
        return answered;
      }
      if (begin === 0 && answer.status === 200) learnFrom(push);
      this.#write(answer);
      answered += 1;
    }
    return answered;
  }

  replied(reply: HttpReply): void {
    const behind = this.#behind ?? [];
    const asked = this.#asked;
    this.#behind = undefined;
    this.#asked = undefined;
    if (this.#hasLeft) return;
    if (asked && reply.status === 200) learnFrom(asked);
    this.#spokeAt = this.#lane.time;
    this.#write(reply);
    this.#resume();
    if (behind.length === 0) return;
    const bytes = behind.length === 1 ? behind[0]! : Buffer.concat(behind);
    this.#serve(bytes, bytes.length);
  }

  failed(error: unknown): void {
    this.replied(this.#options.door.failure(error));
  }

  #write(reply: HttpReply): void {
    const isLast = this.#isLast;
    const text = replyText(reply, isLast ? undefined : this.#options.keepAliveSeconds);
    this.#socket.write(reply.body === '' ? text : Buffer.from(text));
    if (isLast) this.#socket.end();
  }

  /** Something that is no push: a handshake, or whatever else there is. */
  #becomeOther(bytes: Buffer, at: number, length: number): void {
    const { upgrade } = this.#options;
    const handshake = upgrade && readHandshake(bytes, at, length);
    if (!upgrade || !handshake) {
      this.#handOver(bytes.subarray(at, length));
      return;
    }
    const { end, request } = handshake;
    const early = end === length ? NO_BYTES : Buffer.from(bytes.subarray(end, length));
    this.#forget();
    upgrade(request, hold(this.#socket), early);
  }

  /** To node:http, for good: as if the connection had just been accepted there. */
  #handOver(unread: Buffer): void {
    const socket = this.#leave(unread);
    this.#options.handOver(socket);
    socket.resume();
  }

  #leave(unread?: Buffer): Socket {
    this.#forget();
    return this.#socket.release(unread) as Socket;
  }

  #forget(): void {
    this.#hasLeft = true;
    this.#lane.left(this);
  }
}

/** Node's own form of the same answer, member for member. */
function replyText(reply: HttpReply, keepAlive: number | undefined): string {
  const { status, body } = reply;
  const text = statusLine(status) + (reply.lines ?? linesOf(reply.headers));
  if (status === 200 && body === '') return text + emptyEnd(keepAlive);
  const length = status === 204 ? '' : `\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return `${text}${length}${headEnd(keepAlive)}${body}`;
}

function linesOf(headers: HttpReply['headers']): string {
  return Object.entries(headers)
    .map(([name, value]) => `\r\n${name}: ${value}`)
    .join('');
}

const OK = `HTTP/1.1 200 ${STATUS_CODES[200]}`;
const statusLine = (status: number) =>
  status === 200 ? OK : `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;

function headEnd(keepAlive: number | undefined): string {
  const connection =
    keepAlive === undefined ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${keepAlive}`;
  return `\r\nDate: ${httpDate(systemClock.turnNow())}\r\nConnection: ${connection}\r\n\r\n`;
}

let lastDate = '';
let lastKeepAlive: number | undefined;
let lastEmptyEnd = '';

/** Of an answer without a body: the same for all of a second. */
function emptyEnd(keepAlive: number | undefined): string {
  const date = httpDate(systemClock.turnNow());
  if (date !== lastDate || keepAlive !== lastKeepAlive) {
    lastDate = date;
    lastKeepAlive = keepAlive;
    lastEmptyEnd = `\r\ncontent-length: 0${headEnd(keepAlive)}`;
  }
  return lastEmptyEnd;
}
