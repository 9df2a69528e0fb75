/**
 * The Lambda Runtime API (2018-06-01) over loopback: how any runtime fetches events and hands in
 * answers ("Using the Lambda runtime API for custom runtimes"). It knows nothing of processes.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Poll } from './poll.ts';

export interface RuntimeApiOptions {
  readonly responseBytesMax: number;
  /** The runtime is ready for an event. */
  onNext(poll: Poll): void;
  /** Says whether that call is under way. */
  onAnswer(answer: RuntimeAnswer): boolean;
  /** The runtime could not begin; `description` is its own. */
  onInitError(description: Buffer): void;
}

export interface RuntimeAnswer {
  readonly requestId: string;
  readonly isError: boolean;
  /** `undefined` when it exceeded `responseBytesMax`. */
  readonly body: Buffer | undefined;
}

const RUNTIMES_MAX = 100;
/** A body is read to its end so that the runtime can hear why it was refused, but not for ever. */
const REFUSED_BODY_FACTOR = 4;
const ANSWER_PATH = /^\/2018-06-01\/runtime\/invocation\/([^/?]{1,128})\/(response|error)$/;

export class RuntimeApi {
  readonly #options: RuntimeApiOptions;
  readonly #server: Server;

  constructor(options: RuntimeApiOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    this.#server.maxConnections = RUNTIMES_MAX;
    // A function may think for 15 minutes between two requests of one connection.
    this.#server.keepAliveTimeout = 0;
  }

  /** Port 0 takes a free one. Resolves with `127.0.0.1:port`; rejects when the port is taken. */
  async start(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      // Its own also where workers share what they listen on.
      this.#server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
    });
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    // A web page could otherwise take events meant for the function.
    if (request.headers['sec-fetch-site'] !== undefined || request.headers.origin !== undefined) {
      return refuse(response, 403, 'Forbidden', 'Not for browsers');
    }
    if (method === 'GET' && url === '/2018-06-01/runtime/invocation/next') {
      return this.#options.onNext(new Poll(response));
    }
    if (method === 'POST' && url === '/2018-06-01/runtime/init/error') {
      const description = await readUpTo(request, this.#options.responseBytesMax);
      reply(response, 202, { status: 'OK' });
      return this.#options.onInitError(description ?? Buffer.alloc(0));
    }
    const answer = method === 'POST' ? ANSWER_PATH.exec(url) : null;
    if (!answer) return refuse(response, 404, 'NotFound', `There is no ${method} ${url}`);
    return this.#takeAnswer(request, response, answer[1]!, answer[2] === 'error');
  }

  async #takeAnswer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    isError: boolean,
  ): Promise<void> {
    const { responseBytesMax, onAnswer } = this.#options;
    const body = await readUpTo(request, responseBytesMax);
    if (!onAnswer({ requestId, isError, body })) {
      return refuse(response, 400, 'InvalidRequestID', 'Invalid request ID');
    }
    if (body === undefined) {
      const message = `Exceeded maximum allowed payload size (${responseBytesMax} bytes).`;
      return refuse(response, 413, 'RequestEntityTooLarge', message);
    }
    reply(response, 202, { status: 'OK' });
  }
}

async function readUpTo(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
    else if (bytes > bytesMax * REFUSED_BODY_FACTOR) throw new Error('the body does not end');
  }
  return bytes <= bytesMax ? Buffer.concat(chunks) : undefined;
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string) {
  reply(response, status, { errorMessage, errorType });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
