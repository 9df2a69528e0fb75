import type { GatewayErrorFrame } from './frame.ts';

/**
 * Where a client is in its life:
 * `connecting`: fetching address and token, or waiting for the gateway to answer the handshake.
 * `open`: messages flow.
 * `waiting`: the connection ended or an attempt failed; the next one starts after a delay.
 * `stopped`: refused from the start too often; only `reconnect()` leaves this state.
 * `closed`: `close()` was called; final.
 */
export type ClientState = 'connecting' | 'open' | 'waiting' | 'stopped' | 'closed';

/** A connection to the gateway that restores itself. Made by `connect()`. */
export interface Client<Messages extends object = AnyMessages> {
  readonly state: ClientState;

  /** Hears every application message, whatever its type, before the handlers of that type. */
  on(type: '*', handler: (message: Message) => unknown): Unsubscribe;
  /** Hears the application messages whose `type` field is this one. */
  on<Type extends keyof Messages & string>(
    type: Type,
    handler: (message: MessageOf<Messages, Type>) => unknown,
  ): Unsubscribe;

  /**
   * Hears JSON frames nobody handles: a `type` without a handler, or no `type` at all.
   * Without a listener each such type is warned about once, unless a handler of `*` heard it.
   * `heartbeat` is never unknown.
   */
  onUnknown(listener: (message: unknown) => unknown): Unsubscribe;
  /** Hears the gateway's own error frames, which answer a message it could not deliver. */
  onGatewayError(listener: (frame: GatewayErrorFrame) => unknown): Unsubscribe;
  /** Hears frames that are not JSON: a string, or what the WebSocket makes of binary data. */
  onRawFrame(listener: (data: unknown) => unknown): Unsubscribe;
  onStateChange(listener: (state: ClientState, detail: StateDetail) => unknown): Unsubscribe;
  /** Hears that the client gave up before it ever connected: the moment to log the user out. */
  onAuthFailure(listener: () => unknown): Unsubscribe;
  /**
   * Hears what went wrong on the way: in `url()` or `token()`, on the socket, in `ping()`, in one
   * of your handlers. Nothing needs doing, the client carries on. Without a listener errors are
   * written to `console.error`.
   */
  onError(listener: (error: unknown, source: ErrorSource) => unknown): Unsubscribe;

  /**
   * Sends a string as it is and anything else as JSON. False, and nothing sent, when not open.
   * @throws TypeError when the message has no JSON form.
   */
  send(message: unknown): boolean;
  /**
   * Drops what there is and connects now, with a token fetched after this call.
   * Also starts a stopped client again; does nothing on a closed one.
   */
  reconnect(): void;
  /** Ends the connection for good: nothing reconnects afterwards. Safe to call twice. */
  close(): void;
}

/** Removes the listener it was returned for. Safe to call twice. */
export type Unsubscribe = () => void;

/** What belongs to a change of state. */
export interface StateDetail {
  readonly previous: ClientState;
  /** With `waiting`: milliseconds until the next attempt. */
  readonly delayMs?: number;
  /** With `waiting` and `stopped`: the close code, or 1006 when no close frame came. */
  readonly code?: number;
  /** With `waiting`: the close reason. With `stopped`: `auth`. */
  readonly reason?: string;
}

export type ErrorSource = 'address' | 'socket' | 'ping' | 'handler';

/** An application message of a type not described to the compiler. */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type AnyMessages = Record<string, Message>;

/** The message with this `type` in a map such as `{ new_comment: { thread_id: string } }`. */
export type MessageOf<Messages, Type extends keyof Messages> = Messages[Type] & {
  readonly type: Type;
};
