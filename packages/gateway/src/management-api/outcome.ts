/** What came of a call, as the answer or the exception it is. */
import type { FanOutCounts } from '../connections/fan-out.ts';
import type { RemoteFailure, RemoteOutcome } from '../connections/remote-connections.ts';
import type { FanOutOutcome } from '../connections/remote-fan-outs.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import type { RuleName } from '../wire/rules.ts';
import { describeConnection } from './describe-connection.ts';

/** `told`: for the operator's log, what an answer that is a success does not say by its status. */
export type Served = Pick<HttpReply, 'status' | 'body'> & {
  readonly told?: Partial<FanOutCounts> & { readonly reason?: string; readonly rule?: RuleName };
};

const SENT: Served = { status: 200, body: '' };
const CLOSED: Served = { status: 204, body: '' };
const DISPLACING: Served = {
  ...SENT,
  told: { reason: 'older messages were dropped: the client reads too slowly' },
};

/** Throws the ServiceException of an outcome that is no success. */
export function servedOf(outcome: RemoteOutcome): Served {
  switch (outcome.kind) {
    case 'sent':
      return SENT;
    case 'displacing':
      return DISPLACING;
    case 'closed':
      return CLOSED;
    case 'described':
      return { status: 200, body: describeConnection(outcome.description) };
    case 'full':
      throw new Busy('slow-client', 'The client reads too slowly');
    case 'connecting':
      throw new Busy('connecting', 'Too many pushes wait for $connect to end');
    default:
      throw refusalOf(outcome);
  }
}

/** 200 when every node has said what it did, 207 when those named in `unreached` have not. */
export function servedToMany(outcome: FanOutOutcome | 'busy'): Served {
  if (outcome === 'busy') throw new Busy('fan-outs', 'Too many messages to many wait already');
  const { unreached, ...counts } = outcome;
  if (unreached.length === 0) return { status: 200, body: JSON.stringify(counts), told: counts };
  const reason = `nodes that did not answer: ${unreached.join(' ')}`;
  const told = { ...counts, reason, rule: 'node-silent' } as const;
  return { status: 207, body: JSON.stringify(outcome), told };
}

/** Why a call could not be carried out at all. */
export function refusalOf({ kind }: RemoteFailure): ServiceException {
  switch (kind) {
    case 'gone':
      return gone();
    case 'node-busy':
      return new Busy('node-busy', 'Too much waits for the node that holds the connection');
    case 'node-silent':
      return new ServiceException(
        'ServiceUnavailableException',
        'The node that holds the connection did not answer',
        {},
        'node-silent',
      );
  }
}

const BUSY = {
  'slow-client': 'client-reads-too-slowly',
  connecting: 'client-reads-too-slowly',
  'node-busy': 'node-busy',
  'fan-outs': 'fan-outs-waiting',
} as const satisfies Record<string, RuleName>;

/**
 * AWS has one 429 for everything that is too much. Who pushes wants to know whether to slow down, or to leave
 * one client alone: `x-postern-reason` says it.
 */
export class Busy extends ServiceException {
  readonly reason: keyof typeof BUSY;

  constructor(reason: keyof typeof BUSY, message: string) {
    super('LimitExceededException', message, {}, BUSY[reason]);
    this.reason = reason;
  }
}

export const gone = () => new ServiceException('GoneException', '');

export const malformedId = (connectionId: string) =>
  new ServiceException(
    'BadRequestException',
    `Invalid connectionId: ${connectionId}`,
    {},
    'connection-id-malformed',
  );

export const unknownResource = () =>
  new ServiceException(
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
    {},
    'operation-unknown',
  );
