import { isLoopback } from './safe-host.ts';
import type { Configuration } from './settings.ts';

/** Where the admin listener is when the public one is open to the network and nobody says more. */
const ADMIN_PORT_DEFAULT = 4081;

export interface ListenAddress {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/**
 * Where the control plane and what an operator asks answer, apart from clients; `undefined` where
 * one port serves everything: on loopback by default, elsewhere when `adminPort` says so by naming
 * the port itself.
 */
export function adminAddress({
  host,
  port,
  adminHost,
  adminPort,
}: Pick<Configuration, 'host' | 'port' | 'adminHost' | 'adminPort'>): ListenAddress | undefined {
  if (adminPort === undefined) {
    return isLoopback(host) ? undefined : { host: adminHost, port: ADMIN_PORT_DEFAULT };
  }
  if (adminPort === port && port !== 0) return undefined;
  return { host: adminHost, port: adminPort };
}

/** `http://127.0.0.1:4080` */
export function listenUrl(scheme: string, { host, port }: ListenAddress): string {
  return `${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
