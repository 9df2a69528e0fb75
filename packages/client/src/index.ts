export type {
  AnyMessages,
  Client,
  ClientState,
  ErrorSource,
  Message,
  MessageOf,
  StateDetail,
  Unsubscribe,
} from './client.ts';
export { connect } from './connect.ts';
export type { GatewayErrorFrame } from './frame.ts';
export { type ClientOptions, DEFAULTS } from './options.ts';
export type { Timers } from './timers.ts';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';
