import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ByteSocket, SocketReader } from './byte-socket.ts';
import { LentSocket } from './lent-socket.ts';
import { handleOf } from './node-handles.ts';
import { StreamSocket } from './stream-socket.ts';

/**
 * Takes a connected socket over: `reader` is told from the next turn on, also of bytes that were read
 * already. `isLate`: what is written goes out after what others were written in the same turn, for
 * answers that say what became of those.
 */
export function takeSocket(socket: Duplex, reader: SocketReader, isLate = false): ByteSocket {
  const handle = handleOf(socket);
  return handle
    ? new LentSocket(socket as Socket, handle, reader, isLate)
    : new StreamSocket(socket, reader, isLate);
}
