/**
 * Calls and their outcomes as bytes between nodes: a byte for the method and each length, the two ids, the
 * body; back, a byte for the outcome and what GetConnection tells as JSON.
 */
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
  const bodyAt = 3 + connectionId.length + apiId.length;
  const bytes = Buffer.allocUnsafe(bodyAt + body.length);
  bytes[0] = METHODS.indexOf(method);
  bytes[1] = connectionId.length;
  bytes[2] = apiId.length;
  bytes.write(connectionId + apiId, 3, 'latin1');
  body.copy(bytes, bodyAt);
  return bytes;
}

export function decodeCall(bytes: Buffer): ConnectionCall {
  const apiIdAt = 3 + bytes[1]!;
  const bodyAt = apiIdAt + bytes[2]!;
  return {
    method: METHODS[bytes[0]!]!,
    connectionId: bytes.toString('latin1', 3, apiIdAt),
    apiId: bytes.toString('latin1', apiIdAt, bodyAt),
    body: bytes.subarray(bodyAt),
  };
}

const ALONE = new Map(OUTCOMES.map((kind, at) => [kind, Buffer.from([at])]));

export function encodeOutcome(outcome: CallOutcome): Buffer {
  const kind = ALONE.get(outcome.kind)!;
  if (outcome.kind !== 'described') return kind;
  return Buffer.concat([kind, Buffer.from(JSON.stringify(outcome.description))]);
}

export function decodeOutcome(bytes: Buffer): CallOutcome {
  const kind = OUTCOMES[bytes[0]!]!;
  if (kind !== 'described') return { kind };
  return { kind, description: JSON.parse(bytes.toString('utf8', 1)) };
}
