import { isIP } from 'node:net';

/**
 * Throws unless the host is a literal loopback address. The bench sends as fast as it can, so it
 * must never be pointed at another machine; a name is refused because it may resolve anywhere.
 *
 * @param {string} host
 */
export function assertLoopback(host) {
  const loopback = (isIP(host) === 4 && host.startsWith('127.')) || host === '::1';
  if (!loopback) throw new Error(`the bench only talks to loopback addresses, not to "${host}"`);
}
