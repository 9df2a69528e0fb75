import { WebSocket } from 'ws';
import type { Cleanup } from './cleanup.ts';
import { eventually } from './eventually.ts';

export interface TestSocket {
  /** The next text message that was not taken yet. */
  next(): Promise<string>;
  send(text: string): void;
  /** Close code and reason, once it is closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  close(code?: number, reason?: string): void;
  /** Drops the TCP connection without a close frame. */
  terminate(): void;
}

/** Connects, or throws with the status and body of the refusal in its message. */
export async function openSocket(
  cleanup: Cleanup,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestSocket> {
  const socket = new WebSocket(url, { headers });
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data)));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
    socket.on('unexpected-response', async (_, response) => {
      let body = '';
      try {
        for await (const chunk of response) body += chunk;
      } catch (error) {
        body += ` (cut off: ${error})`;
      }
      reject(new Error(`refused with ${response.statusCode}: ${body}`));
    });
  });
  cleanup.defer(() => socket.terminate());
  return {
    next: () => eventually('a message', () => messages.shift()),
    send: (text) => socket.send(text),
    closed,
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}
