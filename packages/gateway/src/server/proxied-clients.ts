/**
 * Takes the PROXY protocol's header off connections of trusted proxies, and gives each connection its
 * client's address in place of the proxy's. Connections of anybody else are what they are.
 */
import type { Socket } from 'node:net';
import type { AddressList } from '../ambient/address-list.ts';
import { plainAddress } from '../data-plane/client-address.ts';
import { FirstWords, type FirstWordsOptions } from './first-words.ts';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/** A proxy that has not sent its whole header in time is cut off. */
export interface ProxiedClientsOptions extends FirstWordsOptions {
  /** Must begin every connection with a header. */
  readonly proxies: AddressList | undefined;
  /** Gets the connection with the client's first byte still to be read. */
  accept(socket: Socket): void;
}

type Client = NonNullable<ProxyHeader['client']>;
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export class ProxiedClients {
  readonly #options: ProxiedClientsOptions;
  readonly #waiting: FirstWords;
  /** By the proxy's address and port: what TLS makes of a connection still has these. */
  readonly #clients = new Map<string, Client>();

  constructor(options: ProxiedClientsOptions) {
    this.#options = options;
    this.#waiting = new FirstWords(options);
  }

  await(socket: Socket): void {
    const { proxies, accept } = this.#options;
    if (!proxies?.has(plainAddress(socket.remoteAddress ?? ''))) {
      accept(socket);
      return;
    }
    this.#waiting.await(socket, (bytes) => {
      const header = readProxyHeader(bytes);
      if (typeof header === 'string') return header;
      const { length, client } = header;
      const goOn = () => {
        if (client) this.#remember(socket, client);
        accept(socket);
      };
      return { length, goOn };
    });
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
    this.#waiting.stop();
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
