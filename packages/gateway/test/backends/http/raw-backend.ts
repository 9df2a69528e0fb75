import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Queue } from '../../support/queue.ts';

export interface RawAnswer {
  /** Latin-1. */
  readonly bytes: string;
  /** What becomes of the connection afterwards. */
  readonly after?: 'keep' | 'end' | 'reset';
}

/** A backend that answers with exact bytes, right or wrong: one answer for each request's head. */
export class RawBackend {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Taken in turn; the last one stays. */
  answers: RawAnswer[] = [];
  /** What was received, request by request: latin-1 text, as far as it came in one piece. */
  readonly requests = new Queue<string>();
  connections = 0;
  url = '';

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<RawBackend> {
    const backend = new RawBackend();
    backend.#server.listen(0, '127.0.0.1');
    await once(backend.#server, 'listening');
    backend.url = `http://127.0.0.1:${(backend.#server.address() as AddressInfo).port}`;
    return backend;
  }

  /** To every connection that is open, unasked. */
  say(text: string): void {
    for (const socket of this.#sockets) socket.write(text, 'latin1');
  }

  /** Ends every connection that is open. */
  end(): void {
    for (const socket of this.#sockets) socket.end();
  }

  get open(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.requests.push(bytes.toString('latin1'));
      const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      if (!answer) return;
      socket.write(answer.bytes, 'latin1');
      if (answer.after === 'end') socket.end();
      if (answer.after === 'reset') socket.resetAndDestroy();
    });
  }
}
