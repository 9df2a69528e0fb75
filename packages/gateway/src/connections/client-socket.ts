import type { Close } from '../wire/close-codes.ts';
import type { MessageForm } from './frame.ts';
import type { FrameLimits } from './frame-limits.ts';
import type { SharedMessage } from './shared-message.ts';

/** A client that does not answer the close frame is dropped after this. */
export const CLOSE_TIMEOUT_MILLIS = 5_000;

/** Whoever is told what comes of a client's socket. */
export interface SocketOwner {
  receivedMessage(data: Buffer, isBinary: boolean): void;
  receivedPing(data: Buffer): void;
  /** The client broke the protocol and was sent this. `ended` follows. */
  violated(close: Close): void;
  /** The client has taken everything. Called only when some of it had to wait. */
  drained(): void;
  /** The connection is gone; code and reason are those of the client's close frame, or 1006. */
  ended(code: number, reason: string): void;
}

/** A WebSocket from the server's side, whoever reads and writes its frames. */
export interface ClientSocket {
  /** From here on the owner is told. Frames the client sent early are not lost. */
  listen(owner: SocketOwner, limits: FrameLimits): void;
  /** No close frame was sent, and none received. */
  readonly isOpen: boolean;
  /** Bytes the client did not take at once. */
  readonly bytesUnsent: number;
  /** These, and what goes out at the end of this turn. */
  readonly bytesPending: number;
  /** `undefined` where what stands below does not count. */
  readonly bytesRead: number | undefined;
  readonly isPaused: boolean;
  pause(): void;
  resume(): void;
  /** At the end of this turn; a message to many at once. */
  send(message: Buffer | SharedMessage, form: MessageForm): void;
  /** What was sent in this turn goes out now, as far as the client takes it. */
  flush(): void;
  ping(): void;
  pong(data: Buffer): void;
  /** Sends the close frame, once. The connection ends when the client has answered, or has not in time. */
  close(code: number, reason: string): void;
  /** Drops the connection. */
  terminate(): void;
}
