import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

/** Signature Version 4, by Amazon's own signer. */

/**
 * @typedef {object} Credentials
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} [sessionToken]
 */

/**
 * @typedef {object} SignableRequest
 * @property {string} method
 * @property {URL} url
 * @property {Record<string, string>} headers
 * @property {string | Buffer} body
 */

/**
 * The headers of a request, with those of its signature.
 *
 * @param {SignableRequest} request
 * @param {{ credentials: Credentials, region: string, service: string }} scope
 */
export async function signedHeaders({ method, url, headers, body }, scope) {
  const signer = new SignatureV4({ ...scope, sha256: Sha256 });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { host: url.host, ...headers },
    body,
  });
  return signed.headers;
}

/** @param {URL} url */
function queryOf({ searchParams }) {
  /** @type {Record<string, string | string[]>} */
  const query = {};
  for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
  return query;
}
