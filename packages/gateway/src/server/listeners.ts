/**
 * The doors of the gateway: one listener for everything, or a public one for clients and backends and
 * an admin one for the control plane and whatever an operator asks.
 */
import type { IncomingMessage } from 'node:http';
import { addressList } from '../ambient/address-list.ts';
import type { Clock } from '../ambient/clock.ts';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';
import { adminAddress } from './admin-address.ts';
import { Listener, type ListenerOptions, type ListenerTls } from './listener.ts';
import type { PushDoor } from './push-connection.ts';
import { isLoopback } from './safe-host.ts';
import type { Configuration } from './settings.ts';

/** What may be asked at a listener: everything, or what the other one does not answer. */
export type Door = 'only' | 'public' | 'admin';

export interface ListenersOptions {
  readonly configuration: Configuration;
  readonly clock: Clock;
  /** Left out, every port is plain. */
  readonly tls?: ListenerTls;
  readonly upgrade: NonNullable<ListenerOptions['upgrade']>;
  /** Must not reject. `undefined` answers nothing: the client is gone. */
  answer(request: IncomingMessage, door: Door): Promise<HttpReply | StreamReply | undefined>;
  readonly push: PushDoor;
}

export interface OpenPorts {
  readonly port: number;
  /** Absent where one port serves everything. */
  readonly adminPort?: number;
}

export class Listeners {
  readonly #public: Listener;
  readonly #admin: Listener | undefined;

  constructor({ configuration, clock, tls, upgrade, answer, push }: ListenersOptions) {
    const { host, port, handshakeTimeoutSeconds, connectionsMax } = configuration;
    const proxies = configuration.proxyProtocol
      ? addressList(configuration.trustedProxies)
      : undefined;
    const admin = adminAddress(configuration);
    const door: Door = admin ? 'public' : 'only';
    this.#public = new Listener({
      host,
      port,
      handshakeTimeoutSeconds,
      clock,
      ...(connectionsMax > 0 && { connectionsMax }),
      ...(proxies && { proxies }),
      ...(tls && { tls }),
      upgrade,
      answer: (request) => answer(request, door),
      push,
    });
    if (!admin) return;
    this.#admin = new Listener({
      ...admin,
      handshakeTimeoutSeconds,
      clock,
      // The certificate names the public host: on this machine itself, plain HTTP is safe and simpler.
      ...(tls && { tls: { ...tls, isOnly: tls.isOnly && !isLoopback(admin.host) } }),
      answer: (request) => answer(request, 'admin'),
    });
  }

  /** Resolves once connections are accepted; rejects with Node's own error, and then none is. */
  async start(): Promise<OpenPorts> {
    // The admin port first: whoever waits for the public one finds everything there.
    const adminPort = await this.#admin?.start();
    try {
      const port = await this.#public.start();
      return { port, ...(adminPort !== undefined && { adminPort }) };
    } catch (error) {
      this.#admin?.stop();
      throw error;
    }
  }

  /** Accepts no new connection. Open sockets and requests under way go on. */
  stopAccepting(): void {
    this.#public.stopAccepting();
    this.#admin?.stopAccepting();
  }

  /** Cuts off whatever request is still under way. */
  stop(): void {
    this.#public.stop();
    this.#admin?.stop();
  }
}
