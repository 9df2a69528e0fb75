/**
 * A socket's events on their way to whoever owns it. The functions are the same for all sockets and
 * find the owner on the socket: a function for each event of each would be a tenth of an idle connection.
 */
import type { WebSocket } from 'ws';

export interface SocketOwner {
  receivedMessage(data: Buffer, isBinary: boolean): void;
  receivedPing(data: Buffer): void;
  /** What the client sent was against the protocol, or its connection broke; `ended` follows. */
  failed(error: Error & { code?: string }): void;
  ended(code: number, reason: Buffer): void;
}

const OWNER = Symbol('owner');

interface OwnedSocket extends WebSocket {
  [OWNER]: SocketOwner;
}

/** From here on the owner is told. Frames the client sent early are not lost: the socket held them. */
export function tellOwner(socket: WebSocket, owner: SocketOwner): void {
  (socket as OwnedSocket)[OWNER] = owner;
  socket.on('message', onMessage);
  socket.on('ping', onPing);
  socket.on('error', onError);
  socket.on('close', onClose);
}

function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  (this as OwnedSocket)[OWNER].receivedMessage(data, isBinary);
}

function onPing(this: WebSocket, data: Buffer): void {
  (this as OwnedSocket)[OWNER].receivedPing(data);
}

function onError(this: WebSocket, error: Error): void {
  (this as OwnedSocket)[OWNER].failed(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as OwnedSocket)[OWNER].ended(code, reason);
}
