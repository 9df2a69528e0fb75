import { createServer } from 'node:http';

/**
 * The backend of the run: keeps the ledger, answers messages with themselves, and fails some `$disconnect`s
 * on purpose, once each.
 */
export class Backend {
  #server;
  #ledger;
  /** Every so many first attempts of `$disconnect` are answered 500; 0: none. */
  failsEvery = 0;
  #count = 0;

  /** @param {import('./ledger.mjs').Ledger} ledger */
  constructor(ledger) {
    this.#ledger = ledger;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = this.#serve(request, Buffer.concat(chunks).toString());
        response.writeHead(status, { 'content-type': 'text/plain' });
        response.end(body);
      });
    });
  }

  /**
   * @param {string} host
   * @returns {Promise<string>} its URL
   */
  async start(host) {
    await new Promise((resolve) => this.#server.listen(0, host, () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://${host}:${port}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {string} text
   */
  #serve(request, text) {
    const url = new URL(request.url ?? '/', 'http://backend');
    const connectionId = String(request.headers.connectionid ?? '');
    switch (url.pathname) {
      case '/connect':
        this.#ledger.asked(url.searchParams.get('key') ?? '', connectionId);
        return { status: 200, body: '' };
      case '/disconnect':
        return this.#disconnected(connectionId, request.headers);
      default: {
        const row = this.#ledger.messages.get(text);
        if (row) row.isSeen = true;
        return { status: 200, body: text };
      }
    }
  }

  /**
   * @param {string} connectionId
   * @param {import('node:http').IncomingHttpHeaders} headers
   */
  #disconnected(connectionId, headers) {
    const isRetry = headers['x-postern-retry'] !== undefined;
    const isFirst = !isRetry && !this.#ledger.isToldBefore(connectionId);
    this.#count += isFirst ? 1 : 0;
    const fails = isFirst && this.failsEvery > 0 && this.#count % this.failsEvery === 0;
    const code = Number(headers.code ?? 0);
    this.#ledger.told(connectionId, { code, isRetry, isTaken: !fails });
    return { status: fails ? 500 : 200, body: '' };
  }
}
