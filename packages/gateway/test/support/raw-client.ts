import { connect as connectTcp, type Socket } from 'node:net';
import { Queue } from './queue.ts';

export interface Frame {
  readonly fin: boolean;
  /** Set on the first frame of a compressed message. */
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client made of bytes: it may break the protocol, stay silent, and sees frames as they are. */
export interface RawClient {
  readonly socket: Socket;
  /** The answer to the handshake, as text. */
  readonly head: string;
  readonly frames: Queue<Frame>;
  /** Resolves when the TCP connection is gone. */
  readonly ended: Promise<void>;
}

/** A handshake as bytes; `lines` are further headers. */
export function handshake(wsUrl: string, lines: readonly string[] = []): string {
  const { host, pathname } = new URL(wsUrl);
  const request = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
  ];
  return `${request.join('\r\n')}\r\n\r\n`;
}

export function rawConnect(wsUrl: string, lines: readonly string[] = []): Promise<RawClient> {
  const { hostname, port } = new URL(wsUrl);
  const socket = connectTcp(Number(port), hostname);
  const frames = new Queue<Frame>();
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(handshake(wsUrl, lines));
  return new Promise((resolve, reject) => {
    let head: string | undefined;
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (head === undefined && end >= 0) {
        head = bytes.subarray(0, end).toString();
        bytes = bytes.subarray(end + 4);
        resolve({ socket, head, frames, ended });
      }
      if (head !== undefined) bytes = takeFrames(bytes, frames);
    });
  });
}

/** One frame as a client sends it, masked with zeros. */
export function clientFrame(
  payload: string | Buffer,
  { fin = true, rsv1 = false, opcode = 1 }: Partial<Frame> = {},
): Buffer {
  const data = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  const length = Buffer.alloc(data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8);
  if (length.length === 2) length.writeUInt16BE(data.length);
  if (length.length === 8) length.writeBigUInt64BE(BigInt(data.length));
  const code = length.length === 0 ? data.length : length.length === 2 ? 126 : 127;
  return Buffer.concat([Buffer.from([first, 0x80 | code]), length, Buffer.alloc(4), data]);
}

function takeFrames(bytes: Buffer, frames: Queue<Frame>): Buffer<ArrayBuffer> {
  let rest = bytes as Buffer<ArrayBuffer>;
  for (;;) {
    const [first = 0, code = 0] = rest;
    const start = code < 126 ? 2 : code === 126 ? 4 : 10;
    if (rest.length < start) return rest;
    const length =
      code < 126 ? code : code === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < start + length) return rest;
    frames.push({
      fin: (first & 0x80) !== 0,
      rsv1: (first & 0x40) !== 0,
      opcode: first & 0x0f,
      payload: rest.subarray(start, start + length),
    });
    rest = rest.subarray(start + length);
  }
}
