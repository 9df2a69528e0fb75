/**
 * Calls and their outcomes as bytes between nodes: a byte for the method and each length, the two ids, the
 * body; back, a byte for the outcome and what GetConnection tells as JSON.
 */
import { writeAscii } from '../ambient/short-bytes.ts';
import type { CallMethod, CallOutcome, ConnectionCall } from './connection-call.ts';

const METHODS: readonly CallMethod[] = ['POST', 'GET', 'DELETE'];
const OUTCOMES = [
  'sent',
  'displacing',
  'closed',
  'described',
  'gone',
  'full',
  'connecting',
] as const;

/** Both ids have passed a check of their shape: ASCII, and far shorter than 256 characters. */
export function encodeCall({ method, connectionId, apiId, body }: ConnectionCall): Buffer {
  const apiIdAt = 3 + connectionId.length;
  const bodyAt = apiIdAt + apiId.length;
  const bytes = Buffer.allocUnsafe(bodyAt + body.length);
  bytes[0] = METHODS.indexOf(method);
  bytes[1] = connectionId.length;
  bytes[2] = apiId.length;
  writeAscii(connectionId, bytes, 3);
  writeAscii(apiId, bytes, apiIdAt);
  bytes.set(body, bodyAt);
  return bytes;
}

/** What stands in `bytes` from `start` to `end`. The body is copied: it may wait for its connection. */
export function decodeCall(bytes: Buffer, start: number, end: number): ConnectionCall {
  const connectionIdAt = start + 3;
  const apiIdAt = connectionIdAt + bytes[start + 1]!;
  const bodyAt = apiIdAt + bytes[start + 2]!;
  const body = Buffer.allocUnsafe(end - bodyAt);
  bytes.copy(body, 0, bodyAt, end);
  return {
    method: METHODS[bytes[start]!]!,
    connectionId: bytes.toString('latin1', connectionIdAt, apiIdAt),
    apiId: bytes.toString('latin1', apiIdAt, bodyAt),
    body,
  };
}

const SENT: CallOutcome = { kind: 'sent' };
const ALONE = new Map(OUTCOMES.map((kind, at) => [kind, Buffer.from([at])]));

export function encodeOutcome(outcome: CallOutcome): Buffer {
  const kind = ALONE.get(outcome.kind)!;
  if (outcome.kind !== 'described') return kind;
  return Buffer.concat([kind, Buffer.from(JSON.stringify(outcome.description))]);
}

export function decodeOutcome(bytes: Buffer, start: number, end: number): CallOutcome {
  const kind = OUTCOMES[bytes[start]!]!;
  if (kind === 'sent') return SENT;
  if (kind !== 'described') return { kind };
  return { kind, description: JSON.parse(bytes.toString('utf8', start + 1, end)) };
}
