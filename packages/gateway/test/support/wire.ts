import { EventEmitter, once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';

export interface Answer {
  /** The first line, such as `HTTP/1.1 200 OK`. */
  readonly status: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** All of it, as it came. */
  readonly text: string;
}

/** A connection whose bytes the test writes itself, and whose answers it reads in turn. */
export class Wire {
  readonly socket: Socket;
  /** Says `news` when bytes came, or the end. */
  readonly #line = new EventEmitter();
  #received = '';
  #ended = false;

  /** To this port of 127.0.0.1. */
  constructor(port: number) {
    this.socket = connectTcp(port, '127.0.0.1');
    this.socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1');
      this.#line.emit('news');
    });
    this.socket.on('end', () => {
      this.#ended = true;
      this.#line.emit('news');
    });
    this.socket.on('error', () => {});
  }

  /** The head and body of one answer, taken out of what was received. */
  async answer(): Promise<Answer> {
    for (;;) {
      const answer = this.#take();
      if (answer) return answer;
      await this.#more();
    }
  }

  /** Resolves once this text has come. Nothing is taken. */
  async until(text: string): Promise<void> {
    while (!this.#received.includes(text)) await this.#more();
  }

  /** From here on node:http has the connection. */
  async leaveTheLane(): Promise<void> {
    this.socket.write('GET /@health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await this.answer();
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error(`ended with ${JSON.stringify(this.#received)}`);
    await once(this.#line, 'news');
  }

  #take(): Answer | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [status = '', ...lines] = this.#received.slice(0, headEnd).split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
      }),
    );
    const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#received.length < end) return undefined;
    const text = this.#received.slice(0, end);
    this.#received = this.#received.slice(end);
    return { status, headers, body: text.slice(headEnd + 4), text };
  }
}
