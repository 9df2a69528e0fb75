import type { Socket } from 'node:net';
import type { ByteSocket } from '../../transport/byte-socket.ts';
import { takeSocket } from '../../transport/take-socket.ts';
import type { FrameSink } from '../bus/frame.ts';
import { FrameStream } from '../bus/frame-stream.ts';

export interface FrameListener extends FrameSink {
  /** What came are no frames, or one could not be taken. */
  broken(error: Error): void;
  /** The socket is gone. */
  closed(): void;
}

/** A connected socket between two processes of this machine, from which frames are read until it is gone. */
export function takeFrames(socket: Socket, listener: FrameListener): ByteSocket {
  const stream = new FrameStream(listener);
  return takeSocket(socket, {
    received(bytes, length) {
      try {
        stream.read(bytes, length);
      } catch (error) {
        listener.broken(error as Error);
      }
    },
    ended() {},
    drained() {},
    closed: () => listener.closed(),
  });
}
