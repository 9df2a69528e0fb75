import { WebSocket } from 'ws';
import { Queue } from './queue.ts';

export interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface TestSocket {
  readonly socket: WebSocket;
  /** Headers of the 101. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The next frame's text. */
  next(): Promise<string>;
  readonly pending: number;
  send(data: string | Buffer): void;
  close(code?: number, reason?: string): void;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export interface ConnectOptions {
  readonly headers?: Record<string, string>;
  readonly protocols?: string[];
  /** Offer permessage-deflate, as browsers do. */
  readonly offersDeflate?: boolean;
}

/** An independent client's socket: open, or the refusal as an error's `refused`. */
export function connect(url: string, options: ConnectOptions = {}): Promise<TestSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options.protocols ?? [], {
      perMessageDeflate: options.offersDeflate ?? false,
      ...(options.headers && { headers: options.headers }),
    });
    const frames = new Queue<string>();
    let headers: TestSocket['headers'] = {};
    socket.on('message', (data) => frames.push(String(data)));
    socket.on('upgrade', (response) => {
      headers = response.headers;
    });
    const closed = new Promise<{ code: number; reason: string }>((done) => {
      socket.on('close', (code, reason) => done({ code, reason: String(reason) }));
    });
    socket.on('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const refused: Refused = {
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        };
        reject(Object.assign(new Error(`refused with ${refused.status}`), { refused }));
      });
    });
    socket.on('error', reject);
    socket.on('open', () => {
      resolve({
        socket,
        get headers() {
          return headers;
        },
        next: () => frames.next(),
        get pending() {
          return frames.size;
        },
        send: (data) => socket.send(data),
        close: (code, reason) => socket.close(code, reason),
        closed,
      });
    });
  });
}

/** The refusal of a handshake that must not succeed. */
export async function refusal(url: string, options: ConnectOptions = {}): Promise<Refused> {
  const outcome = await connect(url, options).catch((error: { refused?: Refused }) => error);
  if ('refused' in outcome && outcome.refused) return outcome.refused;
  throw new Error(outcome instanceof Error ? outcome.message : 'the handshake was accepted');
}
