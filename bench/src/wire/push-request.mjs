import { assertLoopback } from './loopback.mjs';
import { encodePayload } from './payload.mjs';
import { createSigner, uriEncode } from './sigv4.mjs';

/**
 * `POST /{stage}/@connections/{connectionId}` as boto3 1.26 puts it on the wire: the same headers
 * in the same order, with a 100-byte body. Signed or not is the only difference between variants; a
 * peer gets the same headers at a path, and in a body, of its own.
 */

export const PUSH_HEADERS = Object.freeze([
  'Accept-Encoding',
  'User-Agent',
  'host',
  'X-Amz-Date',
  'Authorization',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'Content-Length',
]);

const USER_AGENT = 'Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27';

/**
 * @typedef {object} PushTarget
 * @property {string} host
 * @property {number} port
 * @property {import('../subjects/subject.mjs').Talk} talk
 * @property {readonly string[]} connectionIds slot n goes to connection n modulo their number
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
  const sign = target.credentials === null ? null : createSigner(target.credentials, date);
  return Array.from({ length: slots }, (_, slot) => {
    const connectionId = target.connectionIds[slot % target.connectionIds.length];
    const path = target.talk.pushPath.replace('{id}', uriEncode(connectionId));
    const body = pushBody(target.talk.pushBody, connectionId, encodePayload('push', slot));
    const signed = sign?.({ method: 'POST', host, path, body });
    const lines = [
      `POST ${path} HTTP/1.1`,
      'Accept-Encoding: identity',
      `User-Agent: ${USER_AGENT}`,
      `host: ${host}`,
      ...(signed === undefined
        ? []
        : [`X-Amz-Date: ${signed.amzDate}`, `Authorization: ${signed.authorization}`]),
      `amz-sdk-invocation-id: 69448d83-aefa-426f-853b-${String(slot).padStart(12, '0')}`,
      'amz-sdk-request: attempt=1',
      `Content-Length: ${body.length}`,
    ];
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
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
