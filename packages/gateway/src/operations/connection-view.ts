import type { Connection } from '../connections/connection.ts';
import { principalOf } from '../connections/connection-filter.ts';

/** One connection, as operators see it. Times are ISO 8601 in UTC. */
export interface ConnectionView {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly node: string;
  readonly connectedAt: string;
  readonly lastActiveAt: string;
  /** As the client addressed the gateway. */
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent?: string;
  readonly principal?: string;
  /** What the authorizer handed on to backends. */
  readonly authorizer?: Readonly<Record<string, string | number>>;
  readonly messagesInFlight: number;
  /** Bytes sent that the client has not taken yet. */
  readonly bytesUnread: number;
}

/** API keys are secrets and stay out; their ids do not. */
export function viewOfConnection(connection: Connection, node: string): ConnectionView {
  const { facts, lastActiveAt, messagesInFlight, bytesUnread } = connection;
  const { connectionId, apiId, stageName, domainName, identity, authorizer } = facts;
  const { sourceIp, userAgent } = identity;
  const principal = principalOf(connection);
  return {
    connectionId,
    apiId,
    stage: stageName,
    node,
    connectedAt: new Date(facts.connectedAt).toISOString(),
    lastActiveAt: new Date(lastActiveAt).toISOString(),
    domainName,
    sourceIp,
    ...(userAgent !== undefined && { userAgent }),
    ...(principal !== undefined && { principal }),
    ...(authorizer && { authorizer }),
    messagesInFlight,
    bytesUnread,
  };
}
