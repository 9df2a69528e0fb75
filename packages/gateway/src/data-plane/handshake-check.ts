import type { IncomingMessage } from 'node:http';
import { requestId } from '../ambient/ids.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { parseAddress, resolveStage } from '../stages/address.ts';
import { limits } from '../wire/limits.ts';
import type { DataPlane } from './data-plane.ts';
import { forbidden, plainRefusal, type Refusal } from './refusal.ts';

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** What can be said of a handshake without asking anybody: its stage, or why not. */
export function checkHandshake(
  request: IncomingMessage,
  { stages, random }: Pick<DataPlane, 'stages' | 'random'>,
): CompiledStage | Refusal {
  const { url = '', headers, method } = request;
  if (url.length > limits.urlCharactersMax) {
    return plainRefusal(414, 'url-too-long', 'the URL is too long');
  }
  if (headerBytes(request) > limits.headerBytesMax) {
    return plainRefusal(431, 'headers-too-long', 'the headers are too long');
  }
  const path = url.split('?', 1)[0]!;
  const address = parseAddress(headers.host, path);
  const named = address.connection ? undefined : resolveStage(stages, address);
  const stage = named && stages.find(named.apiId, named.stageName);
  if (!stage) {
    const reason = 'the URL names no deployed stage';
    return forbidden(requestId(random), 'stage-not-found', reason);
  }
  const { origin } = headers;
  if (origin !== undefined && stage.allowsOrigin?.(origin) === false) {
    const reason = 'the page that connects is of an origin not allowed';
    return forbidden(requestId(random), 'origin-not-allowed', reason);
  }
  if (repeats(request, 'authorization')) {
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

function headerBytes(request: IncomingMessage): number {
  return request.rawHeaders.reduce((sum, text, at) => (at % 2 === 1 ? sum + text.length : sum), 0);
}

function repeats(request: IncomingMessage, name: string): boolean {
  const names = request.rawHeaders.filter((_, at) => at % 2 === 0);
  return names.filter((header) => header.toLowerCase() === name).length > 1;
}
