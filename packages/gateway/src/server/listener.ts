/**
 * One listening socket. It turns what cannot be parsed away and hands the rest on: upgrades to the
 * data plane, requests to whoever answers them. What may stand before HTTP, in this order: a proxy's
 * header (`proxies`), then TLS or none (`tls`), as the first byte says.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AddressList } from '../ambient/address-list.ts';
import type { Clock } from '../ambient/clock.ts';
import type { ArrivedHandshake } from '../data-plane/arrived-handshake.ts';
import { acceptHandles } from '../transport/accept-handles.ts';
import { type HeldSocket, HeldStream } from '../transport/held-socket.ts';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';
import { limits } from '../wire/limits.ts';
import type { CertificateSource } from './certificate-source.ts';
import { FirstWords } from './first-words.ts';
import { ProxiedClients } from './proxied-clients.ts';
import type { PushDoor } from './push-connection.ts';
import { PushLane } from './push-lane.ts';
import { TLS_HANDSHAKE, TlsDoor } from './tls-door.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How long each step may take: a proxy's header, the first byte, the TLS handshake, a head. */
  readonly handshakeTimeoutSeconds: number;
  readonly clock: Clock;
  /** One more than these is closed at once. Left out, any number. */
  readonly connectionsMax?: number;
  /** Whose connections begin with the PROXY protocol's header. Left out, nobody's. */
  readonly proxies?: AddressList;
  /** Left out, the port is plain and nobody looks at first bytes. */
  readonly tls?: ListenerTls;
  /**
   * `giveBack` takes the stream of the connection back, for further requests. Left out, nobody may open
   * a WebSocket here.
   */
  readonly upgrade?: (
    request: ArrivedHandshake,
    socket: HeldSocket,
    head: Buffer,
    giveBack: (stream: Duplex) => void,
  ) => void;
  /** Must not reject. `undefined` answers nothing: the client is gone. */
  answer(request: IncomingMessage): Promise<HttpReply | StreamReply | undefined>;
  /** Answers pushes that need no node:http. Left out, every request goes through it. */
  readonly push?: PushDoor;
}

export interface ListenerTls {
  readonly certificates: CertificateSource;
  /** Plain requests are refused with 403. */
  readonly isOnly: boolean;
  /** Clients without a certificate of the authorities in force are turned away. */
  readonly asksForClientCertificate: boolean;
  /** A client was hung up on because there was no certificate to show. */
  failed(error: unknown): void;
}

/** Node counts names and separators too; AWS counts the values. */
const HEADER_BLOCK_BYTES_MAX = limits.urlCharactersMax + 2 * limits.headerBytesMax;
/** Longer than any load balancer's own, so that it is never we who close under a request. */
const KEEP_ALIVE_SECONDS = 75;
const REQUEST_TIMEOUT_SECONDS = 60;
/** As AWS answers what its endpoints do not serve. */
const PLAIN_REFUSAL: HttpReply = {
  status: 403,
  headers: {
    'content-type': 'application/json',
    'x-amzn-ErrorType': 'ForbiddenException',
    connection: 'close',
  },
  body: JSON.stringify({ message: 'Forbidden' }),
};

export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  /** What Node does with an accepted connection. */
  #accept: (socket: Socket) => void = (socket) => this.#server.emit('connection', socket);
  #clients: ProxiedClients | undefined;
  #pushLane: PushLane | undefined;
  #firstWords: FirstWords | undefined;
  #tlsDoor: TlsDoor | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: HEADER_BLOCK_BYTES_MAX,
      headersTimeout: options.handshakeTimeoutSeconds * 1000,
      // Node.js wants the whole of a request to have as long as its head at least.
      requestTimeout: Math.max(REQUEST_TIMEOUT_SECONDS, options.handshakeTimeoutSeconds) * 1000,
      keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
      connectionsCheckingInterval: Math.min(5000, options.handshakeTimeoutSeconds * 500),
    });
    if (options.connectionsMax !== undefined) this.#server.maxConnections = options.connectionsMax;
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.#isRefused(request) || !options.upgrade) endWith(socket, 403);
      else options.upgrade(request, new HeldStream(socket), head, this.#takeBack);
    });
    this.#server.on('request', (request, response) => {
      if (this.#isRefused(request)) return write(PLAIN_REFUSAL, response);
      void options.answer(request).then((reply) => {
        if (reply) write(reply, response);
        else response.destroy();
      });
    });
    this.#server.on('clientError', refuseUnparsable);
    if (options.tls || options.proxies || options.push) this.#standBeforeHttp();
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
    const { tls, proxies } = this.#options;
    const lane = this.#pushLane;
    // What stands before HTTP reads streams.
    if (lane && !tls && !proxies) acceptHandles(this.#server, (accepted) => lane.take(accepted));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no new connection. Open sockets and requests under way go on. */
  stopAccepting(): void {
    if (this.#server.listening) this.#server.close();
    this.#clients?.stop();
    this.#firstWords?.stop();
    this.#pushLane?.stopAccepting();
    this.#server.closeIdleConnections();
  }

  /** Cuts off whatever request is still under way. */
  stop(): void {
    this.stopAccepting();
    this.#server.closeAllConnections();
    this.#pushLane?.stop();
    this.#tlsDoor?.stop();
  }

  /** Every connection ends up where Node would have put it at once. */
  #standBeforeHttp(): void {
    const { tls, proxies, clock, push, handshakeTimeoutSeconds: timeoutSeconds } = this.#options;
    const acceptHttp = takeConnectionListener(this.#server);
    const enter = push ? this.#putInPushLane(push, acceptHttp) : acceptHttp;
    this.#accept = (socket) => {
      this.#clients?.reveal(socket);
      enter(socket);
    };
    const accept = tls ? this.#decideByFirstByte(tls) : this.#accept;
    if (proxies) {
      const clients = new ProxiedClients({ proxies, clock, timeoutSeconds, accept });
      this.#clients = clients;
      this.#server.on('connection', (socket) => clients.await(socket));
    } else {
      this.#server.on('connection', accept);
    }
  }

  #decideByFirstByte(tls: ListenerTls): (socket: Socket) => void {
    const { clock, handshakeTimeoutSeconds } = this.#options;
    const acceptHttp = this.#accept;
    const tlsDoor = new TlsDoor({ ...tls, handshakeTimeoutSeconds, accept: acceptHttp });
    const firstWords = new FirstWords({ clock, timeoutSeconds: handshakeTimeoutSeconds });
    this.#firstWords = firstWords;
    this.#tlsDoor = tlsDoor;
    return (socket) =>
      firstWords.await(socket, ([first]) => ({
        length: 0,
        goOn() {
          if (first === TLS_HANDSHAKE) void tlsDoor.admit(socket);
          else acceptHttp(socket);
        },
      }));
  }

  #putInPushLane(door: PushDoor, acceptHttp: (socket: Socket) => void) {
    const { upgrade } = this.#options;
    const lane = new PushLane({
      firstRequestSeconds: this.#options.handshakeTimeoutSeconds,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      door,
      upgrade:
        upgrade &&
        ((request, socket, early) =>
          upgrade({ ...request, socket: socket.peer }, socket, early, this.#takeBack)),
      handOver: acceptHttp,
      refuseSilent: (socket) => endWith(socket, 408),
    });
    this.#pushLane = lane;
    return (socket: Socket) => {
      if (this.#isRefused({ socket })) acceptHttp(socket);
      else lane.take(new HeldStream(socket));
    };
  }

  readonly #takeBack = (stream: Duplex): void => this.#accept(stream as Socket);

  #isRefused({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
    return this.#options.tls?.isOnly === true && !('encrypted' in socket);
  }
}

/** Takes Node's own handling of an accepted connection off the server, to be called when it is due. */
function takeConnectionListener(server: Server): (socket: Socket) => void {
  const [listener, ...others] = server.listeners('connection');
  if (!listener || others.length > 0) {
    throw new Error('This version of Node.js accepts HTTP connections in an unknown way.');
  }
  server.removeAllListeners('connection');
  return (socket) => listener.call(server, socket);
}

function write(reply: HttpReply | StreamReply, response: ServerResponse): void {
  if ('open' in reply) {
    stream(reply, response);
    return;
  }
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(reply.status !== 204 && { 'content-length': Buffer.byteLength(reply.body) }),
  });
  response.end(reply.body);
}

function stream({ status, headers, open }: StreamReply, response: ServerResponse): void {
  response.writeHead(status, headers);
  const close = open({
    write: (part) => void response.write(part),
    isBehind: () => response.writableNeedDrain,
    end: (part) => void response.end(part),
  });
  response.once('close', close);
}

/** Bytes that are no HTTP, headers without end, headers too large: a status, and the end. */
function refuseUnparsable(error: Error & { code?: string }, socket: Duplex): void {
  const isHttp = error.code?.startsWith('HPE_') || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!socket.writable || !isHttp) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 431
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 408
        : 400;
  endWith(socket, status);
}

function endWith(socket: Duplex, status: number): void {
  const body = JSON.stringify({ message: STATUS_CODES[status] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
