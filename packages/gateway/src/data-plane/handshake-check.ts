import { requestId } from '../ambient/ids.ts';
import type { Random } from '../ambient/random.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { KnownAddresses } from '../stages/known-addresses.ts';
import { limits } from '../wire/limits.ts';
import { pathOf } from '../wire/request-url.ts';
import type { ArrivedHandshake } from './arrived-handshake.ts';
import { forbidden, plainRefusal, type Refusal } from './refusal.ts';

const KEY = /^[+/0-9A-Za-z]{22}==$/;
const AUTHORIZATION = 'authorization';

/** What can be said of a handshake without asking anybody: its stage, or why not. */
export function checkHandshake(
  request: ArrivedHandshake,
  addresses: KnownAddresses,
  random: Random,
): CompiledStage | Refusal {
  const { url = '', headers, method, rawHeaders } = request;
  if (url.length > limits.urlCharactersMax) {
    return plainRefusal(414, 'url-too-long', 'the URL is too long');
  }
  if (headerBytes(rawHeaders) > limits.headerBytesMax) {
    return plainRefusal(431, 'headers-too-long', 'the headers are too long');
  }
  const stage = addresses.stageOf(headers.host, pathOf(url));
  if (!stage) {
    const reason = addresses.whyNone(headers.host, pathOf(url));
    return forbidden(requestId(random), 'stage-not-found', reason);
  }
  const { origin } = headers;
  if (origin !== undefined && stage.allowsOrigin?.(origin) === false) {
    const reason = 'the page that connects is of an origin not allowed';
    return forbidden(requestId(random), 'origin-not-allowed', reason);
  }
  if (authorizations(rawHeaders) > 1) {
    return plainRefusal(400, 'authorization-repeated', 'several Authorization headers');
  }
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') {
    return plainRefusal(400, 'not-a-handshake', 'not an upgrade to websocket');
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) {
    const reason = 'Sec-WebSocket-Key is missing or malformed';
    return plainRefusal(400, 'not-a-handshake', reason);
  }
  if (headers['sec-websocket-version'] !== '13') {
    return plainRefusal(426, 'websocket-version', 'Sec-WebSocket-Version is not 13', {
      'sec-websocket-version': '13',
    });
  }
  return stage;
}

/** Nobody new is let in. */
export const stopping = (): Refusal =>
  plainRefusal(503, 'gateway-stopping', 'the gateway is stopping');

function headerBytes(rawHeaders: readonly string[]): number {
  let bytes = 0;
  for (let at = 1; at < rawHeaders.length; at += 2) bytes += rawHeaders[at]!.length;
  return bytes;
}

function authorizations(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) count += 1;
  }
  return count;
}
