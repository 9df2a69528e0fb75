import { createServer } from 'node:net';

/**
 * Below the ports that a kernel gives to whoever asks for any, outgoing connections among them: nobody
 * takes one of these between choosing and listening, or while its server is down for a moment.
 */
const LOWEST = 20_000;
const HIGHEST = 29_999;
const given = new Set();

/**
 * A port of 127.0.0.1 that nobody listens on, for servers that cannot choose one themselves; another one at
 * each call.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
