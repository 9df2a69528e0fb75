/**
 * One live connection: what is known of its client, its socket, and how it ends. It knows nothing of
 * routes; whoever accepts it listens to its messages and to its end.
 */
import type { Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { StageExtensions } from '../resources/stage-extensions.ts';
import { type Close, closes } from '../wire/close-codes.ts';
import { limits } from '../wire/limits.ts';
import type { Identity, RequestContext } from '../wire/request-context.ts';
import type { RuleName } from '../wire/rules.ts';
import type { ClientSocket, SocketOwner } from './client-socket.ts';
import type { FrameLimits } from './frame-limits.ts';
import { Heartbeat } from './heartbeat.ts';
import { receivedClose, ruleOfClose } from './received-close.ts';
import { SendQueue } from './send-queue.ts';
import type { SharedMessage } from './shared-message.ts';

export interface ConnectionFacts {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stageName: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  readonly domainName: string;
  readonly identity: Identity;
  readonly authorizer?: NonNullable<RequestContext['authorizer']>;
  /** Epoch milliseconds at which the token expires that the client was let in with. */
  readonly authorizedUntil?: number;
}

export interface ConnectionLimits {
  /** Bytes waiting for a client that does not read; what becomes of one more push the stage says. */
  readonly sendQueueBytesMax: number;
  /** Messages waiting for it. */
  readonly sendQueueMessagesMax: number;
  /** Messages of one connection being processed; further ones wait in the client's socket. */
  readonly messagesInFlightMax: number;
}

export interface ConnectionParts {
  readonly facts: ConnectionFacts;
  readonly socket: ClientSocket;
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  /** Of its stage, now. Frame and message limits stay with the connection; `follow` changes the rest. */
  readonly extensions: StageExtensions;
}

export interface ConnectionListener {
  message(connection: Connection, bytes: Buffer, isBinary: boolean): void;
  /** Called once. The connection no longer takes frames. */
  closed(connection: Connection, close: Close): void;
}

/** How long a client may leave its queue full before it is taken for dead. */
const SLOW_CONSUMER_SECONDS = 30;

/** What the socket is given of a queue at a time; the rest can still be dropped. */
const SOCKET_BYTES = 65_536;

/**
 * A client that has left so much unread is sent no pong: pings must not fill the memory either. More
 * than the socket is given of a queue, so that a client that is merely slow still hears.
 */
const UNREAD_BYTES_FOR_PONG_MAX = 262_144;

/** `displacing`: sent, and older messages of a slow client were dropped for it. */
export type SendResult = 'sent' | 'displacing' | 'closed' | 'full';

export class Connection implements SocketOwner {
  readonly facts: ConnectionFacts;
  // Those that every push needs come first: they lie side by side in memory.
  readonly #socket: ClientSocket;
  #close: Close | undefined;
  #queue: SendQueue | undefined;
  #extensions: StageExtensions;
  readonly #clock: Clock;
  /**
   * In whole ticks of the clock, which no one sets back: when something last moved, and how old it is.
   * Whole, because a number with a fraction is an object of its own, looked for at every message.
   */
  #activeTicks: number;
  readonly #openedTicks: number;
  readonly #limits: ConnectionLimits;
  readonly #heartbeat: Heartbeat;
  /** As they were when it opened: these stay. */
  #frameLimits: FrameLimits;
  #listener: ConnectionListener | undefined;
  #messagesInFlight = 0;
  #bytesInFlight = 0;
  #turn: Promise<void> | undefined;
  #closeRule: RuleName | undefined;
  #retiredStage: CompiledStage | undefined;

  constructor(parts: ConnectionParts) {
    const { facts, socket, clock } = parts;
    this.facts = facts;
    this.#socket = socket;
    this.#clock = clock;
    this.#limits = parts.limits;
    this.#extensions = parts.extensions;
    this.#frameLimits = parts.extensions;
    const age = Math.max(0, clock.now() - facts.connectedAt);
    this.#openedTicks = Math.floor(clock.ticks() - age);
    this.#activeTicks = this.#openedTicks;
    this.#heartbeat = new Heartbeat(socket, this.#openedTicks);
  }

  /** Starts delivering frames. Frames the client sent early are not lost: the socket held them. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#socket.listen(this, this.#frameLimits);
  }

  receivedMessage(data: Buffer, isBinary: boolean): void {
    // Messages that were already buffered when the connection was closed are not processed.
    if (this.#close !== undefined) return;
    this.touch();
    const { messageBytesMax } = this.#frameLimits;
    if (isBinary && !this.#extensions.binaryFrames) this.close(closes.binary, 'binary-message');
    // Frames are counted as they come; a compressed message shows its length only now.
    else if (data.length > messageBytesMax) this.close(closes.tooLong, 'message-too-long');
    else this.#listener?.message(this, data, isBinary);
  }

  /** RFC 6455, section 5.5.3: pings that came in the meantime may go without an answer of their own. */
  receivedPing(data: Buffer): void {
    this.touch();
    if (!this.isOpen || this.#socket.bytesPending > UNREAD_BYTES_FOR_PONG_MAX) return;
    this.#socket.pong(data);
  }

  violated(close: Close): void {
    this.#close ??= close;
  }

  ended(code: number, reason: string): void {
    this.#close ??= receivedClose(code, reason);
    this.#listener?.closed(this, this.#close);
  }

  /** The stage has other settings now. */
  follow(extensions: StageExtensions): void {
    this.#extensions = extensions;
  }

  /** Epoch milliseconds of the last frame, push or reply. */
  get lastActiveAt(): number {
    return this.#clock.timeOf(this.#activeTicks);
  }

  get isOpen(): boolean {
    return this.#close === undefined && this.#socket.isOpen;
  }

  touch(): void {
    this.#activeTicks = Math.floor(this.#clock.turnTicks());
  }

  /**
   * Hands a message to the socket, as text: bytes that are not UTF-8 become U+FFFD, and what exceeds a
   * frame continues in further frames, as recorded from AWS. `full` when the client has left too
   * much unread, and its stage does not want that solved otherwise.
   */
  send(message: Buffer | SharedMessage): SendResult {
    if (!this.isOpen) return 'closed';
    if (this.#queue || this.#socket.bytesUnsent > 0) return this.#enqueue(message);
    this.#write(message);
    return 'sent';
  }

  /** Whether it is open and nothing waits for the client: one more message may go out by `sendNow`. */
  get isReady(): boolean {
    return this.isOpen && this.#queue === undefined && this.#socket.bytesPending === 0;
  }

  /** Hands a message to the socket of a connection that was just seen to be ready. */
  sendNow(message: SharedMessage): void {
    this.#write(message);
  }

  /** Sends what was kept for it before it was open, in order. The keeper has bounded it. */
  sendKept(messages: Iterable<Buffer>): void {
    for (const bytes of messages) this.#write(bytes);
  }

  /** Sends the close frame. The first cause counts; later calls change nothing. */
  close(close: Close, rule: RuleName): void {
    if (this.#close !== undefined) return;
    this.#close = close;
    this.#closeRule = rule;
    // What was taken for the client goes out before the end, unless it is the client that takes nothing.
    const queue = this.#queue;
    this.#queue = undefined;
    if (queue && close !== closes.slowConsumer) {
      for (let next = queue.shift(); next; next = queue.shift()) this.#write(next);
    }
    this.#socket.close(close.code, close.reason);
  }

  /** Drops the TCP connection of a client that does not answer the close frame. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Pings the client. Returns whether it has given a sign of life since. */
  ask(): () => boolean {
    return this.isOpen ? this.#heartbeat.ask() : () => true;
  }

  /** Bytes sent that the client has not taken yet. */
  get bytesUnread(): number {
    return this.#socket.bytesPending + (this.#queue?.bytes ?? 0);
  }

  /** The stage is gone; its last form stays reachable for this connection's `$disconnect`. */
  retire(stage: CompiledStage): void {
    this.#retiredStage = stage;
    this.close(closes.goingAway, 'stage-removed');
  }

  get retiredStage(): CompiledStage | undefined {
    return this.#retiredStage;
  }

  /** To be called about once a second: ends a connection whose time is up, and sends pings. */
  sweep(ticks: number): void {
    const { idleTimeoutSeconds, connectionDurationSeconds } = this.#extensions;
    const { pingIntervalSeconds, jwtCloseAtExpiry } = this.#extensions;
    const { authorizedUntil = Number.POSITIVE_INFINITY } = this.facts;
    const isUp = (seconds: number, since: number) => seconds > 0 && ticks - since >= seconds * 1000;
    const isIdle = isUp(idleTimeoutSeconds, this.#activeTicks);
    if (isIdle) {
      this.close(closes.goingAway, 'idle-timeout');
    } else if (isUp(connectionDurationSeconds, this.#openedTicks)) {
      this.close(closes.goingAway, 'connection-duration');
    } else if (jwtCloseAtExpiry && this.#clock.now() >= authorizedUntil) {
      this.close(closes.tokenExpired, 'client-token-expired');
    } else if (isUp(SLOW_CONSUMER_SECONDS, this.#queue?.fullSince ?? ticks)) {
      this.close(closes.slowConsumer, 'slow-consumer');
    } else if (pingIntervalSeconds > 0 && this.isOpen) {
      const isGone = this.#heartbeat.beat(ticks, pingIntervalSeconds * 1000) === 'gone';
      if (isGone) this.#closeRule = 'ping-unanswered';
    }
  }

  /** Why it ended, once it has. */
  get closeRule(): RuleName {
    return this.#closeRule ?? ruleOfClose(this.#close ?? closes.abnormal);
  }

  get messagesInFlight(): number {
    return this.#messagesInFlight;
  }

  /** Counts a message in. At the limit the socket is not read until one has been counted out. */
  beginMessage(bytes: number): void {
    this.#messagesInFlight += 1;
    this.#bytesInFlight += bytes;
    if (this.#isBusy) this.#socket.pause();
  }

  endMessage(bytes: number): void {
    this.#messagesInFlight -= 1;
    this.#bytesInFlight -= bytes;
    if (!this.#socket.isPaused || this.#isBusy) return;
    this.#heartbeat.excuse();
    this.#socket.resume();
  }

  /** Its stage wants its work done in turn, by `run`. */
  get keepsOrder(): boolean {
    return this.#extensions.orderedMessages;
  }

  /** Runs work of this connection: at once, or where its stage keeps order, after all before it. */
  run(work: () => Promise<void>): Promise<void> {
    if (!this.#extensions.orderedMessages) return work();
    const done = this.#turn ? this.#turn.then(work) : work();
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Longer messages than AWS allows count for as many as they could be. */
  get #isBusy(): boolean {
    const max = this.#limits.messagesInFlightMax;
    return this.#messagesInFlight >= max || this.#bytesInFlight >= max * limits.messageBytesMax;
  }

  /** The client is slower than whoever pushes: what may wait, waits behind what the socket has. */
  #enqueue(message: Buffer | SharedMessage): SendResult {
    this.#queue ??= new SendQueue();
    const queue = this.#queue;
    let result: SendResult = 'sent';
    if (this.#isFull(message, this.bytesUnread, queue.length)) {
      queue.fullSince ??= this.#clock.ticks();
      const policy = this.#extensions.slowClients;
      if (policy === 'close') {
        this.close(closes.slowConsumer, 'slow-consumer');
        return 'closed';
      }
      // What the socket has cannot be dropped any more.
      const isHopeless = this.#isFull(message, this.#socket.bytesPending, queue.handed);
      if (policy === 'reject' || isHopeless) return 'full';
      while (this.#isFull(message, this.bytesUnread, queue.length)) queue.shift();
      result = 'displacing';
    }
    queue.push(message);
    if (queue.handed === 0) this.#handOn(queue);
    return result;
  }

  #isFull(
    { length }: Buffer | SharedMessage,
    bytesWaiting: number,
    messagesWaiting: number,
  ): boolean {
    const { sendQueueBytesMax, sendQueueMessagesMax } = this.#limits;
    return bytesWaiting + length > sendQueueBytesMax || messagesWaiting >= sendQueueMessagesMax;
  }

  /** Gives the socket as much as it should have; it comes back when that is taken. */
  #handOn(queue: SendQueue): void {
    const socket = this.#socket;
    do {
      queue.handed = 0;
      while (!queue.isEmpty && socket.bytesPending < SOCKET_BYTES) {
        queue.handed += 1;
        this.#write(queue.shift()!);
      }
      socket.flush();
    } while (socket.bytesUnsent === 0 && !queue.isEmpty);
    if (socket.bytesUnsent === 0) this.#queue = undefined;
  }

  drained(): void {
    const queue = this.#queue;
    if (!queue) return;
    queue.fullSince = undefined;
    this.#handOn(queue);
  }

  #write(message: Buffer | SharedMessage): void {
    this.#socket.send(message, this.#extensions);
    this.touch();
  }
}
