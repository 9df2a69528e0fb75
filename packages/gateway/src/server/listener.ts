/**
 * The one listening socket. It turns what cannot be parsed away and hands the rest on: upgrades to the
 * data plane, requests to whoever answers them.
 */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpReply } from '../wire/http-reply.ts';
import { limits } from '../wire/limits.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** A request whose headers are not complete by then is cut off. */
  readonly headersTimeoutSeconds: number;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Must not reject. `undefined` answers nothing: the client is gone. */
  answer(request: IncomingMessage): Promise<HttpReply | undefined>;
}

/** Node counts names and separators too; AWS counts the values. */
const HEADER_BLOCK_BYTES_MAX = limits.urlCharactersMax + 2 * limits.headerBytesMax;
/** Longer than any load balancer's own, so that it is never we who close under a request. */
const KEEP_ALIVE_SECONDS = 75;
const REQUEST_TIMEOUT_SECONDS = 60;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: HEADER_BLOCK_BYTES_MAX,
      headersTimeout: options.headersTimeoutSeconds * 1000,
      requestTimeout: REQUEST_TIMEOUT_SECONDS * 1000,
      keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
      connectionsCheckingInterval: Math.min(5000, options.headersTimeoutSeconds * 500),
    });
    this.#server.on('upgrade', options.upgrade);
    this.#server.on('request', (request, response) => {
      void options.answer(request).then((reply) => {
        if (!reply) return response.destroy();
        response.writeHead(reply.status, {
          ...reply.headers,
          ...(reply.status !== 204 && { 'content-length': Buffer.byteLength(reply.body) }),
        });
        return response.end(reply.body);
      });
    });
    this.#server.on('clientError', refuseUnparsable);
  }

  /** Resolves with the port in use once connections are accepted; rejects with Node's own error. */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no new connection. Open sockets and requests under way go on. */
  stopAccepting(): void {
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Cuts off whatever request is still under way. */
  stop(): void {
    this.stopAccepting();
    this.#server.closeAllConnections();
  }
}

/** Bytes that are no HTTP, headers without end, headers too large: a status, and the end. */
function refuseUnparsable(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 431
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 408
        : 400;
  const body = JSON.stringify({ message: STATUS_CODES[status] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
