import { connect, type Socket } from 'node:net';
import type { Clock } from '../../ambient/clock.ts';
import { type Frame, frameStream } from '../bus/frame.ts';

export interface LocalPeerOptions {
  readonly address: string;
  readonly clock: Pick<Clock, 'after'>;
  /** The first bytes on each new socket. */
  hello(): Buffer;
  /** The other has read the first bytes: it knows of this node. */
  isGreeted(): void;
  receive(frame: Frame): void;
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
  #isOver = false;
  /** Told once there is a new socket, or will never be one. */
  #waiting: (() => void)[] = [];

  constructor(options: LocalPeerOptions) {
    this.#options = options;
    this.#socket = this.#open();
  }

  /** What comes while the connection is made again waits for it: the other may be dead, or not. */
  write(frames: Buffer): boolean | Promise<boolean> {
    if (this.#isOver) return false;
    if (this.#socket.destroyed) {
      return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() =>
        this.write(frames),
      );
    }
    this.#socket.write(frames);
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
    if (socket.destroyed || socket.connecting) {
      socket.destroy();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      // The other reads them or is stuck; either way it is not waited for.
      socket.end(frames, () => socket.destroy());
      this.#options.clock.after(RETRY_MILLIS, () => socket.destroy());
    });
  }

  #open(): Socket {
    const { address, hello, isGreeted, receive } = this.#options;
    const socket = connect(address);
    let code = '';
    const read = frameStream((frame) => {
      if (frame.kind !== 'hello') receive(frame);
      else if (!this.#isOver) isGreeted();
    });
    socket.write(hello());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code ?? '';
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('close', () => {
      if (this.#isOver) return;
      if (DEAD.has(code)) return this.#die();
      const again = () => {
        if (this.#isOver) return;
        this.#socket = this.#open();
        this.#proceed();
      };
      const isBroken = code === '' || code === 'ECONNRESET' || code === 'EPIPE';
      this.#options.clock.after(isBroken ? RECONNECT_MILLIS : RETRY_MILLIS, again);
    });
    return socket;
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
