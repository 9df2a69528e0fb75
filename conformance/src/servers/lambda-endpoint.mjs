import { createServer } from 'node:http';
import { readBody } from './recording-backend.mjs';

/**
 * Lambda's Invoke operation, `POST /2015-03-31/functions/{name}/invocations`, for every case of a run:
 * a function is called `{case}-{name}`. The case records the event and chooses what the function does.
 */

/**
 * @typedef {object} Invocation
 * @property {string} functionName without the case's own part
 * @property {string} target the request target as it came
 * @property {string[]} rawHeaders
 * @property {string} payload the event, as sent
 */

/**
 * @typedef {object} FunctionAnswer
 * @property {unknown} [result] what the function returns; default `{"statusCode":200}`
 * @property {string} [raw] the answer's body as it is
 * @property {{ errorMessage: string, errorType?: string }} [error] what the function throws
 * @property {{ status: number, type: string, message: string }} [refusal] Lambda's own answer
 * @property {number} [delayMillis]
 * @property {boolean} [hangUp]
 */

/** @typedef {(invocation: Invocation) => Promise<FunctionAnswer>} FunctionHandler */

const FUNCTION = /^\/2015-03-31\/functions\/([^/?]+)\/invocations/;
const NAME = /(?:^|:)(c[0-9a-z]+)-([A-Za-z0-9_]+)(?::|$)/;

export class LambdaEndpoint {
  /** @type {Map<string, FunctionHandler>} */
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
   * @param {string} key
   * @param {FunctionHandler} handler
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
    const payload = (await readBody(request)).toString();
    const target = request.url ?? '';
    const name = NAME.exec(decodeURIComponent(FUNCTION.exec(target)?.[1] ?? ''));
    const handler = name ? this.#cases.get(name[1]) : undefined;
    if (!name || !handler) return refuse(response, NOT_FOUND);
    const { rawHeaders } = request;
    await write(response, await handler({ functionName: name[2], target, rawHeaders, payload }));
  }
}

const NOT_FOUND = { status: 404, type: 'ResourceNotFoundException', message: 'Function not found' };

/**
 * @param {import('node:http').ServerResponse} response
 * @param {FunctionAnswer} answer
 */
async function write(response, { delayMillis = 0, ...answer }) {
  if (delayMillis > 0) await new Promise((resolve) => setTimeout(resolve, delayMillis));
  if (answer.hangUp) return void response.destroy();
  if (answer.refusal) return refuse(response, answer.refusal);
  const result = 'result' in answer ? answer.result : { statusCode: 200 };
  const headers = {
    'content-type': 'application/json',
    ...(answer.error && { 'X-Amz-Function-Error': 'Unhandled' }),
    'X-Amz-Executed-Version': '$LATEST',
  };
  response.writeHead(200, headers).end(answer.raw ?? JSON.stringify(answer.error ?? result));
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {{ status: number, type: string, message: string }} refusal
 */
function refuse(response, { status, type, message }) {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-ErrorType': type });
  response.end(JSON.stringify({ Type: 'User', Message: message }));
}
