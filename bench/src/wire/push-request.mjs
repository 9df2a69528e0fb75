import { assertLoopback } from './loopback.mjs';
import { encodePayload } from './payload.mjs';
import { createSigner, sha256, uriEncode } from './sigv4.mjs';

/**
 * `POST /{stage}/@connections/{connectionId}` as an SDK puts it on the wire: the same headers in the
 * same order, with a 100-byte body. Signed or not is the only difference between variants; a peer
 * gets the same headers at a path, and in a body, of its own.
 */

/**
 * @typedef {'boto3' | 'javascript-v3' | 'boto3-traced'} Sdk boto3 1.26, alone and under OpenTelemetry, which adds headers
 *   of its own behind the signed ones; the AWS SDK for JavaScript 3.1168
 */

/**
 * @typedef {object} Push what its headers are made of
 * @property {string} host
 * @property {Buffer} body
 * @property {string} invocation an id of its own
 * @property {(headers: Record<string, string>) => { amzDate: string, authorization: string }} sign
 *   over host, date and these
 */

/** @type {Record<Sdk, (push: Push) => (readonly [string, string])[]>} */
const HEADERS = {
  boto3({ host, body, invocation, sign }) {
    const { amzDate, authorization } = sign({});
    return [
      ['Accept-Encoding', 'identity'],
      ['User-Agent', 'Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27'],
      ['host', host],
      ['X-Amz-Date', amzDate],
      ['Authorization', authorization],
      ['amz-sdk-invocation-id', invocation],
      ['amz-sdk-request', 'attempt=1'],
      ['Content-Length', String(body.length)],
    ];
  },
  'boto3-traced'(push) {
    const id = sha256(push.invocation);
    const [trace, span] = [id.slice(0, 32), id.slice(32, 48)];
    return [
      ...HEADERS.boto3(push),
      ['traceparent', `00-${trace}-${span}-01`],
      ['tracestate', `bench=${span}`],
      ['X-Amzn-Trace-Id', `Root=1-${trace.slice(0, 8)}-${trace.slice(8)};Parent=${span};Sampled=1`],
    ];
  },
  'javascript-v3'({ host, body, invocation, sign }) {
    const agent = 'aws-sdk-js/3.1168.0';
    const first = {
      'content-type': 'application/octet-stream',
      'content-length': String(body.length),
      'x-amz-user-agent': agent,
    };
    const attempt = {
      'amz-sdk-invocation-id': invocation,
      'amz-sdk-request': 'attempt=1; max=3',
    };
    const hash = { 'x-amz-content-sha256': sha256(body) };
    const { amzDate, authorization } = sign({ ...first, ...attempt, ...hash });
    return [
      ...Object.entries(first),
      [
        'user-agent',
        `${agent} ua/2.1 os/linux#6.1.0 lang/js md/nodejs#20.20.2 ` +
          'api/apigatewaymanagementapi#3.1168.0 m/N,E,e',
      ],
      ['host', host],
      ...Object.entries(attempt),
      ['x-amz-date', amzDate],
      ...Object.entries(hash),
      ['authorization', authorization],
      ['Connection', 'keep-alive'],
    ];
  },
};

const SIGNATURE = ['x-amz-date', 'authorization'];
/** @param {readonly [string, string]} header */
const isSignature = ([name]) => SIGNATURE.includes(name.toLowerCase());
const UNSIGNED = { amzDate: '', authorization: '' };

/**
 * The names of the headers that travel.
 *
 * @param {Sdk} sdk
 * @param {boolean} signed
 */
export function pushHeaders(sdk, signed) {
  const headers = HEADERS[sdk]({
    host: '',
    body: Buffer.alloc(0),
    invocation: '',
    sign: () => UNSIGNED,
  });
  return headers.filter((header) => signed || !isSignature(header)).map(([name]) => name);
}

/**
 * @typedef {object} PushTarget
 * @property {string} host
 * @property {number} port
 * @property {import('../subjects/subject.mjs').Talk} talk
 * @property {Sdk | undefined} [sdk] boto3 by default
 * @property {readonly string[]} connectionIds slot n goes to the nth, modulo their number
 * @property {import('./sigv4.mjs').Credentials | null} credentials null sends it unsigned
 */

/**
 * One whole request per slot, prepared before anything is measured.
 *
 * @param {PushTarget} target
 * @param {number} slots
 * @param {Date} date
 * @returns {Buffer[]}
 */
export function preparePushRequests(target, slots, date) {
  assertLoopback(target.host);
  const host = `${target.host}:${target.port}`;
  const signer = target.credentials === null ? null : createSigner(target.credentials, date);
  return Array.from({ length: slots }, (_, slot) => {
    const connectionId = target.connectionIds[slot % target.connectionIds.length];
    const path = target.talk.pushPath.replace('{id}', uriEncode(connectionId));
    const body = pushBody(target.talk.pushBody, connectionId, encodePayload('push', slot));
    const headers = HEADERS[target.sdk ?? 'boto3']({
      host,
      body,
      invocation: `69448d83-aefa-426f-853b-${String(slot).padStart(12, '0')}`,
      sign: (signed) => signer?.({ method: 'POST', host, path, body, headers: signed }) ?? UNSIGNED,
    });
    const lines = headers
      .filter((header) => signer !== null || !isSignature(header))
      .map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
    return Buffer.concat([Buffer.from(head, 'latin1'), body]);
  });
}

/**
 * @param {'raw' | 'grip'} form `grip`: as Pushpin's publishing endpoint wants it
 * @param {string} channel
 * @param {Buffer} payload
 */
function pushBody(form, channel, payload) {
  if (form === 'raw') return payload;
  const content = payload.toString('latin1');
  const item = { channel, formats: { 'ws-message': { content } } };
  return Buffer.from(JSON.stringify({ items: [item] }));
}
