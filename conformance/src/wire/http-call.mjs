import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { signedHeaders } from './sign.mjs';

/**
 * @typedef {object} HttpAnswer
 * @property {number} status
 * @property {string[]} rawHeaders
 * @property {string} body
 */

/**
 * @typedef {object} HttpCall
 * @property {string} method
 * @property {URL} url
 * @property {string} [target] the request target, when the URL must not be normalised
 * @property {Record<string, string>} [headers]
 * @property {string | Buffer} [body]
 * @property {Parameters<typeof signedHeaders>[1]} [sign] left out: not signed
 * @property {number} patienceMillis
 */

const agents = {
  'http:': new HttpAgent({ keepAlive: true }),
  'https:': new HttpsAgent({ keepAlive: true }),
};

/** Idle connections would keep the process from ending. */
export function closeIdleConnections() {
  for (const agent of Object.values(agents)) agent.destroy();
}

/**
 * One HTTP request, with exactly the headers given, those of its signature, Host and Content-Length.
 *
 * @param {HttpCall} call
 * @returns {Promise<HttpAnswer>}
 */
export async function callHttp({ method, url, target, headers = {}, body = '', ...call }) {
  const sent = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const all = call.sign
    ? await signedHeaders({ method, url, headers: sent, body }, call.sign)
    : { host: url.host, ...sent };
  const isTls = url.protocol === 'https:';
  const request = isTls ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        method,
        host: url.hostname,
        port: url.port,
        path: target ?? `${url.pathname}${url.search}`,
        headers: all,
        agent: isTls ? agents['https:'] : agents['http:'],
        timeout: call.patienceMillis,
      },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode = 0, rawHeaders } = response;
          resolve({ status: statusCode, rawHeaders, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${url} took too long`)));
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
