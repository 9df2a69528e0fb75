import { createServer } from 'node:http';

/**
 * A plain HTTP backend for every case of a run: the first segment of a path names the case, or the
 * query parameter `case` where the path is not the case's to choose. The case records the request and
 * chooses the answer.
 */

/**
 * @typedef {object} BackendRequest
 * @property {string} method
 * @property {string} path after the case's own segment
 * @property {string} query without `?`
 * @property {string[]} rawHeaders
 * @property {string} body
 * @property {Buffer} bytes of the body
 */

/**
 * @typedef {object} BackendAnswer
 * @property {number} [status] default 200
 * @property {Record<string, string | string[]>} [headers]
 * @property {string} [body]
 * @property {string} [bodyBase64] a body that is no text
 * @property {{ text: string, bytes: number }} [repeat] a body that is too long to be written down
 * @property {number} [delayMillis]
 * @property {boolean} [hangUp] end the TCP connection instead of answering
 * @property {string} [garbage] write this instead of an HTTP answer
 */

/** @typedef {(request: BackendRequest) => Promise<BackendAnswer>} Handler */

const BODY_BYTES_MAX = 1024 * 1024;

export class RecordingBackend {
  /** @type {Map<string, Handler>} */
  #cases = new Map();
  #server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  /**
   * @param {number} port 0 picks a free one
   * @returns {Promise<number>} the port
   */
  start(port) {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        const address = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
        resolve(address.port);
      });
    });
  }

  /**
   * @param {string} key first path segment
   * @param {Handler} handler
   */
  add(key, handler) {
    this.#cases.set(key, handler);
  }

  /** @param {string} key */
  remove(key) {
    this.#cases.delete(key);
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #serve(request, response) {
    const [path, query = ''] = (request.url ?? '').split('?', 2);
    const [, key, ...rest] = path.split('/');
    const bytes = await readBody(request);
    const handler = this.#cases.get(key || (new URLSearchParams(query).get('case') ?? ''));
    if (!handler) {
      response.writeHead(404).end();
      return;
    }
    const { method = '', rawHeaders } = request;
    const answer = await handler({
      method,
      path: `/${rest.join('/')}`,
      query,
      rawHeaders,
      body: bytes.toString(),
      bytes,
    });
    await write(response, answer);
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {BackendAnswer} answer
 */
async function write(response, answer) {
  const { status = 200, headers = {}, delayMillis = 0 } = answer;
  if (delayMillis > 0) await new Promise((resolve) => setTimeout(resolve, delayMillis));
  if (answer.hangUp) return void response.destroy();
  if (answer.garbage !== undefined) return void response.socket?.end(answer.garbage);
  const bytes = bytesOf(answer);
  response.writeHead(status, { 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

/** @param {BackendAnswer} answer */
function bytesOf({ body = '', bodyBase64, repeat }) {
  if (repeat) return Buffer.alloc(repeat.bytes, repeat.text);
  return bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(bodyBase64, 'base64');
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Buffer>}
 */
export async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Error('a request body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
