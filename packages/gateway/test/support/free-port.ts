import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that the system hands out by itself (32768 and up on Linux): nobody who asks for any port,
 * and no connection that goes out, gets one of these between this look and its use, or while its server is
 * being started again.
 */
const FIRST = 10_000;
const COUNT = 10_000;
const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on, for a program that must be told one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, FIRST + COUNT);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
