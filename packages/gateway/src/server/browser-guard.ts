/**
 * `postern dev` accepts any caller on this machine, and a browser is on this machine: without this,
 * any page on the web could manage APIs and push to clients, directly or by a host name that resolves
 * to loopback. Calls of a browser count only from pages that are themselves on loopback.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from './safe-host.ts';

/** Whether a browser sends this on behalf of a page that is not of this machine. */
export function isForeignPage(headers: IncomingHttpHeaders): boolean {
  const { origin, host = '' } = headers;
  if (origin === undefined && headers['sec-fetch-site'] === undefined) return false;
  const page = origin === undefined ? `http://${host}` : origin;
  return !isLocal(page) || !isLocal(`http://${host}`);
}

function isLocal(origin: string): boolean {
  try {
    const { hostname } = new URL(origin);
    return isLoopback(hostname) || hostname.endsWith('.localhost');
  } catch {
    return false;
  }
}
