import type { Server } from 'node:net';
import { BareSocket, type CountingServer } from './bare-socket.ts';
import type { HeldSocket } from './held-socket.ts';
import { internals, type TcpHandle } from './node-handles.ts';

/** Called with the listening handle as `this`. */
type OnConnection = (this: object, status: number, handle: TcpHandle | undefined) => void;

interface Listening extends CountingServer {
  readonly _handle?: { onconnection?: OnConnection };
  readonly noDelay?: boolean;
}

/**
 * From here on the connections of a server that listens are handed to `accept`, and no stream is made of
 * them. Where Node.js is not as expected, and of those that it counts as too many, nothing changes: they
 * come by the server's event.
 */
export function acceptHandles(server: Server, accept: (accepted: HeldSocket) => void): void {
  const listening = server as Listening;
  const { _handle: door } = listening;
  const ordinary = door?.onconnection;
  const isKnown =
    typeof ordinary === 'function' &&
    typeof listening._connections === 'number' &&
    typeof listening._emitCloseIfDrained === 'function';
  if (!internals || !isKnown) return;
  const { Tcp } = internals;
  door!.onconnection = function onConnection(status, handle) {
    const { maxConnections } = listening;
    const isFull = (maxConnections ?? Infinity) <= listening._connections;
    if (status !== 0 || isFull || !(handle instanceof Tcp)) {
      ordinary.call(this, status, handle);
      return;
    }
    if (listening.noDelay) handle.setNoDelay(true);
    listening._connections += 1;
    accept(new BareSocket(handle, listening));
  };
}
