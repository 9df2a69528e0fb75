import { connect, type Socket } from 'node:net';
import type { Clock } from '../../ambient/clock.ts';
import type { ByteSocket } from '../../transport/byte-socket.ts';
import type { FrameSink } from '../bus/frame.ts';
import { takeFrames } from './take-frames.ts';

export interface LocalPeerOptions {
  readonly address: string;
  readonly clock: Pick<Clock, 'after'>;
  /** The first bytes on each new socket. */
  hello(): Buffer;
  /** The other has read the first bytes: it knows of this node. */
  isGreeted(): void;
  readonly receive: FrameSink['frame'];
  /** Called once, when nobody listens there any more. */
  isDead(): void;
}

/** What a refused or missing socket says: nobody will ever listen there again. */
const DEAD = new Set(['ECONNREFUSED', 'ENOENT']);
/** A connection that broke is made again: a process that died refuses. */
const RECONNECT_MILLIS = 10;
/** After anything else, such as a system that has run out of descriptors. */
const RETRY_MILLIS = 100;

/** This node's way to another one: a socket, and a new one whenever it breaks, while the other lives. */
export class LocalPeer {
  readonly #options: LocalPeerOptions;
  #socket: Socket;
  /** The socket once it is connected. */
  #bytes: ByteSocket | undefined;
  #isOver = false;
  /** Told once there is a socket, or will never be one. */
  #waiting: (() => void)[] = [];

  constructor(options: LocalPeerOptions) {
    this.#options = options;
    this.#socket = this.#open();
  }

  /** What comes while the connection is made waits for it: the other may be dead, or not. */
  write(frames: Buffer): boolean | Promise<boolean> {
    if (this.#isOver) return false;
    const bytes = this.#bytes;
    if (!bytes) {
      return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() =>
        this.write(frames),
      );
    }
    // The end of a turn is when this is called.
    bytes.writeNow(frames);
    return true;
  }

  /** The other said that it stops. */
  farewell(): void {
    this.#die();
  }

  /** Sends the last frames and lets go. */
  end(frames: Buffer): Promise<void> {
    this.#isOver = true;
    this.#proceed();
    const socket = this.#socket;
    const bytes = this.#bytes;
    if (!bytes || socket.destroyed) {
      socket.destroy();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      bytes.writeNow(frames);
      // The other reads them or is stuck; either way it is not waited for.
      socket.end(() => socket.destroy());
      this.#options.clock.after(RETRY_MILLIS, () => socket.destroy());
    });
  }

  #open(): Socket {
    const socket = connect(this.#options.address);
    let code = '';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code ?? '';
    });
    socket.once('connect', () => this.#connected(socket));
    socket.on('close', () => {
      this.#bytes = undefined;
      if (this.#isOver) return;
      if (DEAD.has(code)) return this.#die();
      const again = () => {
        if (!this.#isOver) this.#socket = this.#open();
      };
      const isBroken = code === '' || code === 'ECONNRESET' || code === 'EPIPE';
      this.#options.clock.after(isBroken ? RECONNECT_MILLIS : RETRY_MILLIS, again);
    });
    return socket;
  }

  #connected(socket: Socket): void {
    const { hello, isGreeted, receive } = this.#options;
    this.#bytes = takeFrames(socket, {
      frame: (kind, id, bytes, start, end) => {
        if (kind !== 'hello') receive(kind, id, bytes, start, end);
        else if (!this.#isOver) isGreeted();
      },
      broken: (error) => void socket.destroy(error),
      // The stream tells, with its error.
      closed() {},
    });
    this.#bytes.writeNow(hello());
    this.#proceed();
  }

  #die(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#options.isDead();
    this.#proceed();
  }

  #proceed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
