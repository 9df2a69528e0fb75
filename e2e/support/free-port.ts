import { createServer } from 'node:net';

/**
 * Below the ports that a kernel gives to whoever asks for any, outgoing connections among them: nobody
 * takes one of these between choosing and listening, or while its program is down for a moment.
 */
const LOWEST = 20_000;
const HIGHEST = 29_999;
const given = new Set<number>();

/** A port of 127.0.0.1 on which nothing listens now; another one at each call. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
