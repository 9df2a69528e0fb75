/**
 * Takes the PROXY protocol's header off connections of trusted proxies, and gives each connection its
 * client's address in place of the proxy's. Connections of anybody else are what they are.
 */
import type { Socket } from 'node:net';
import type { AddressList } from '../ambient/address-list.ts';
import type { Cancel, Clock } from '../ambient/clock.ts';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

export interface ProxiedClientsOptions {
  /** Must begin every connection with a header. */
  readonly proxies: AddressList | undefined;
  readonly clock: Pick<Clock, 'after'>;
  /** A proxy that has not sent its whole header by then is cut off. */
  readonly timeoutSeconds: number;
  /** Gets the connection with the client's first byte still to be read. */
  accept(socket: Socket): void;
}

type Client = NonNullable<ProxyHeader['client']>;
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export class ProxiedClients {
  readonly #options: ProxiedClientsOptions;
  readonly #waiting = new Map<Socket, Cancel>();
  /** By the proxy's address and port: what TLS makes of a connection still has these. */
  readonly #clients = new Map<string, Client>();

  constructor(options: ProxiedClientsOptions) {
    this.#options = options;
  }

  await(socket: Socket): void {
    const { proxies, clock, timeoutSeconds, accept } = this.#options;
    if (!proxies?.has(plain(socket.remoteAddress))) {
      accept(socket);
      return;
    }
    const hangUp = () => socket.destroy();
    const release = () => {
      this.#waiting.get(socket)?.();
      this.#waiting.delete(socket);
      socket.off('readable', look);
      socket.off('end', hangUp);
      socket.off('close', release);
      socket.off('error', ignore);
    };
    let read = Buffer.alloc(0);
    const look = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      read = Buffer.concat([read, chunk]);
      const header = readProxyHeader(read);
      if (header === 'more') return;
      if (header === 'none') return hangUp();
      release();
      const rest = read.subarray(header.length);
      if (rest.length > 0) socket.unshift(rest);
      if (header.client) this.#remember(socket, header.client);
      accept(socket);
    };
    this.#waiting.set(socket, clock.after(timeoutSeconds * 1000, hangUp));
    socket.on('readable', look);
    socket.on('end', hangUp);
    socket.on('close', release);
    socket.on('error', ignore);
  }

  /** From here on `socket`, the connection or the TLS made of it, says the client's address. */
  reveal(socket: Socket): void {
    const client = this.#clients.get(keyOf(socket));
    if (!client) return;
    Object.defineProperty(socket, 'remoteAddress', { value: client.address });
    Object.defineProperty(socket, 'remotePort', { value: client.port });
  }

  /** Hangs up on everyone whose header is not there yet. */
  stop(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #remember(socket: Socket, client: Client): void {
    const key = keyOf(socket);
    this.#clients.set(key, client);
    socket.on('close', () => {
      // The proxy may have a new connection from the same port by now.
      if (this.#clients.get(key) === client) this.#clients.delete(key);
    });
  }
}

const keyOf = ({ remoteAddress, remotePort }: Peer) => `${remoteAddress} ${remotePort}`;

/** An IPv4 proxy on an IPv6 socket shows its IPv4 form. */
const plain = (address = '') => address.replace(/^::ffff:(?=\d+\.)/, '');

/** A proxy that vanishes before its header is whole: `close` follows. */
function ignore(): void {}
