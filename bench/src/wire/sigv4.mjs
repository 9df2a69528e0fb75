import { createHash, createHmac } from 'node:crypto';

/**
 * Signs requests the way SDKs do: Signature Version 4 in the Authorization header, over `host`,
 * `x-amz-date` (boto3 signs no more) and what else is named. Source: "Create a signed AWS API request" in the AWS IAM guide.
 */

/**
 * @typedef {object} Credentials
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} region
 * @property {string} service
 */

/**
 * @typedef {object} UnsignedRequest
 * @property {string} method
 * @property {string} host value of the Host header, with the port
 * @property {string} path as sent on the wire, without a query
 * @property {Buffer} body
 * @property {Readonly<Record<string, string>>} [headers] signed too; names in lower case
 */

/**
 * A function that signs requests of one date, with the signing key derived once.
 *
 * @param {Credentials} credentials
 * @param {Date} date
 * @returns {(request: UnsignedRequest) => { amzDate: string, authorization: string }}
 */
export function createSigner(credentials, date) {
  const amzDate = `${date.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const day = amzDate.slice(0, 8);
  const scope = `${day}/${credentials.region}/${credentials.service}/aws4_request`;
  const signingKey = [day, credentials.region, credentials.service, 'aws4_request'].reduce(
    (key, part) => hmac(key, part).digest(),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  return ({ method, host, path, body, headers = {} }) => {
    const signed = Object.entries({ ...headers, host, 'x-amz-date': amzDate }).sort(byName);
    const names = signed.map(([name]) => name).join(';');
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = `${method}\n${canonicalPath(path)}\n\n${lines}\n${names}\n${sha256(body)}`;
    const toSign = `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${sha256(canonical)}`;
    const signature = hmac(signingKey, toSign).digest('hex');
    const credential = `${credentials.accessKeyId}/${scope}`;
    return {
      amzDate,
      authorization:
        `AWS4-HMAC-SHA256 Credential=${credential}, ` +
        `SignedHeaders=${names}, Signature=${signature}`,
    };
  };
}

/**
 * Every service but S3 signs the path URI-encoded once more over its wire form.
 *
 * @param {string} path
 */
function canonicalPath(path) {
  return path.split('/').map(uriEncode).join('/');
}

/** @param {string} text */
export function uriEncode(text) {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * @param {Buffer} key
 * @param {string} text
 */
function hmac(key, text) {
  return createHmac('sha256', key).update(text);
}

/**
 * @param {readonly [string, string]} one
 * @param {readonly [string, string]} other
 */
function byName([one], [other]) {
  return one < other ? -1 : 1;
}

/** @param {string | Buffer} data */
export function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}
