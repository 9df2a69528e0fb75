import { BlockList, isIPv6 } from 'node:net';
import type { User } from './secrets.ts';
import type { Mode } from './settings.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can reach a listener on `host`. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * Why the gateway must not listen on `host`, in a sentence that says what to do; `undefined` when it
 * may. Whoever reaches one that checks nobody can push to every client and change every API.
 */
export function refusalToListen(asked: {
  readonly host: string;
  readonly mode: Mode;
  readonly users: readonly User[];
}): string | undefined {
  const { host, mode, users } = asked;
  if (isLoopback(host)) return undefined;
  if (mode === 'dev') {
    return (
      `postern dev accepts any credentials, so it will not listen on ${host}. ` +
      'Leave --host out, or use `postern start` with users and access keys in postern.yaml.'
    );
  }
  const hasKeys = users.some(({ accessKeys }) => accessKeys.some(({ enabled }) => enabled));
  if (hasKeys) return undefined;
  return (
    `postern start will not listen on ${host} without access keys: nobody could sign a request. ` +
    'Add users with accessKeys and policies to postern.yaml, or listen on 127.0.0.1.'
  );
}
