/**
 * A call of `@connections` that has passed every check, and what the connection made of it: the same on
 * the node that was asked and on the one that holds the connection.
 */
import { closes } from '../wire/close-codes.ts';
import type { Hub } from './hub.ts';

export type CallMethod = 'POST' | 'GET' | 'DELETE';

export interface ConnectionCall {
  readonly method: CallMethod;
  readonly connectionId: string;
  /** A connection of another API is none. */
  readonly apiId: string;
  /** What is pushed; of no meaning to the other methods. */
  readonly body: Buffer;
}

/** What GetConnection tells. */
export interface ConnectionDescription {
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  readonly lastActiveAt: number;
}

export type CallOutcome =
  /** `displacing`: and older messages of a slow client were dropped for it. */
  | { readonly kind: 'sent' | 'displacing' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'described'; readonly description: ConnectionDescription }
  | { readonly kind: 'gone' }
  /** The client reads too slowly. */
  | { readonly kind: 'full' }
  /** Its `$connect` is running, and as many pushes wait for it as may. */
  | { readonly kind: 'connecting' };

const SENT: CallOutcome = { kind: 'sent' };
const GONE: CallOutcome = { kind: 'gone' };
const FULL: CallOutcome = { kind: 'full' };

/** Carries a call out on a connection of this node. A push is in the socket before this returns. */
export function callConnection(hub: Hub, call: ConnectionCall): CallOutcome {
  const { method, connectionId, apiId, body } = call;
  const connection = hub.get(connectionId);
  if (method === 'POST' && !connection) {
    // To GET and DELETE there is no connection yet, as on AWS.
    const expected = hub.expected(connectionId);
    if (!expected || expected.apiId !== apiId) return GONE;
    return expected.add(body) === 'kept' ? SENT : { kind: 'connecting' };
  }
  if (!connection?.isOpen || connection.facts.apiId !== apiId) return GONE;
  switch (method) {
    case 'POST': {
      const result = connection.send(body);
      if (result === 'sent') return SENT;
      if (result === 'closed') return GONE;
      return result === 'full' ? FULL : { kind: result };
    }
    case 'DELETE':
      connection.close(closes.deleted, 'deleted');
      return { kind: 'closed' };
    case 'GET': {
      const { identity, connectedAt } = connection.facts;
      const { sourceIp, userAgent } = identity;
      const { lastActiveAt } = connection;
      return {
        kind: 'described',
        description: { sourceIp, userAgent, connectedAt, lastActiveAt },
      };
    }
  }
}
