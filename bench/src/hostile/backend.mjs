import { createServer, request } from 'node:http';

/**
 * Answers a message with two bytes, and pushes to whoever asks for it until the gateway says that
 * enough is waiting.
 */

const PUSH = Buffer.alloc(100_000, 'x');
const PUSHES_MAX = 200;

/** @returns {Promise<{ port: number, pushTo(endpoint: URL): void, refused: () => number, stop(): void }>} */
export async function startBackend() {
  /** @type {URL | undefined} */
  let endpoint;
  let refused = 0;
  const server = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (chunk) => {
      if (text.length < 100) text += chunk;
    });
    incoming.on('end', () => {
      response.end('{}');
      const id = String(incoming.headers.connectionid);
      if (text.includes('push me') && endpoint) push(endpoint, id, PUSHES_MAX);
    });
  });

  /**
   * @param {URL} to
   * @param {string} id
   * @param {number} left
   */
  function push(to, id, left) {
    if (left === 0) return;
    const path = `${to.pathname}/@connections/${encodeURIComponent(id)}`;
    const call = request({ host: to.hostname, port: to.port, path, method: 'POST' }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 429) refused += 1;
        if (answer.statusCode !== 410) push(to, id, left - 1);
      });
    });
    call.on('error', () => {});
    call.end(PUSH);
  }

  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    pushTo(to) {
      endpoint = to;
    },
    refused: () => refused,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
