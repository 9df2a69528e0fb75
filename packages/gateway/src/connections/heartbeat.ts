import type { ClientSocket } from './client-socket.ts';

const NOTHING_ASKED = -1;

/**
 * Pings of one connection, sent by the hub's sweep. A client that was sent one and from which not a byte
 * has come when the next is due is gone, though TCP may take a quarter of an hour to notice. Bytes are
 * counted, not pongs: a client in the middle of one long frame is alive and cannot answer.
 */
export class Heartbeat {
  readonly #socket: ClientSocket;
  #pingedAt: number;
  #bytesReadThen = NOTHING_ASKED;

  constructor(socket: ClientSocket, openedTicks: number) {
    this.#socket = socket;
    this.#pingedAt = openedTicks;
  }

  /** Pings an open socket when it is time, or drops it. Costs a comparison when it is not. */
  beat(ticks: number, intervalMillis: number): 'gone' | undefined {
    if (ticks - this.#pingedAt < intervalMillis) return undefined;
    const { bytesRead = NOTHING_ASKED } = this.#socket;
    const isSilent = this.#bytesReadThen !== NOTHING_ASKED && bytesRead === this.#bytesReadThen;
    if (isSilent && !this.#socket.isPaused) {
      this.#socket.terminate();
      return 'gone';
    }
    this.#pingedAt = ticks;
    this.#bytesReadThen = bytesRead;
    this.#socket.ping();
    return undefined;
  }

  /** Sends a ping outside the rhythm. Returns whether a byte has come since, or could not come. */
  ask(): () => boolean {
    const { bytesRead } = this.#socket;
    const wasPaused = this.#socket.isPaused;
    this.#socket.ping();
    return () => bytesRead === undefined || wasPaused || this.#socket.bytesRead !== bytesRead;
  }

  /** The gateway itself has not been reading: the silence until now says nothing. */
  excuse(): void {
    this.#bytesReadThen = NOTHING_ASKED;
  }
}
