import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { Queue } from './queue.ts';

/** How the server meets one handshake: open it, refuse it with a status, or never answer. */
export type Step = 'accept' | 'stall' | { readonly refuse: number };

export interface Handshake {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly protocols: string | undefined;
}

/** A gateway that does as it is told: real sockets, and a step for each handshake to come. */
export class ScriptedServer {
  readonly handshakes = new Queue<Handshake>();
  readonly connections = new Queue<ServerConnection>();
  /** Handshakes seen since the start. */
  handshakeCount = 0;
  readonly #http = createServer();
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #steps: Step[] = [];
  readonly #sockets = new Set<Duplex>();

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    server.#http.on('upgrade', (request, socket, head) => server.#upgrade(request, socket, head));
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `ws://${this.host}/production`;
  }

  /** Steps for the next handshakes, in order; those after the last are accepted. */
  script(...steps: Step[]): void {
    this.#steps.push(...steps);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    this.handshakeCount += 1;
    const url = new URL(request.url ?? '/', this.url);
    this.handshakes.push({
      path: url.pathname,
      query: url.searchParams,
      protocols: request.headers['sec-websocket-protocol'],
    });
    const step = this.#steps.shift() ?? 'accept';
    if (step === 'accept') {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.connections.push(new ServerConnection(webSocket));
      });
    } else if (step !== 'stall') {
      socket.end(`HTTP/1.1 ${step.refuse} Refused\r\nConnection: close\r\n\r\n`);
    }
  }
}

/** The server's end of one open socket. */
export class ServerConnection {
  readonly messages = new Queue<string>();
  readonly #webSocket: WebSocket;
  readonly #closed: Promise<number>;

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
    this.#closed = once(webSocket, 'close').then(([code]) => code as number);
    webSocket.on('message', (data) => this.messages.push(data.toString()));
  }

  /** Pushes a value as JSON, a string or bytes as they are. */
  push(data: unknown): void {
    const isReady = typeof data === 'string' || data instanceof Uint8Array;
    this.#webSocket.send(isReady ? data : JSON.stringify(data));
  }

  close(code: number, reason?: string): void {
    this.#webSocket.close(code, reason);
  }

  /** Ends the socket as a broken network does: without a close frame. */
  drop(): void {
    this.#webSocket.terminate();
  }

  /** The code the client closed with. */
  closed(): Promise<number> {
    return this.#closed;
  }
}
