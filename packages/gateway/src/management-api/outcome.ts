/** What came of a call, as the answer or the exception it is. */
import type { RemoteFailure, RemoteOutcome } from '../connections/remote-connections.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import { describeConnection } from './describe-connection.ts';

/** `note`: for the operator's log, of what went well but not only well. */
export type Served = Pick<HttpReply, 'status' | 'body'> & { readonly note?: string };

const SENT: Served = { status: 200, body: '' };
const CLOSED: Served = { status: 204, body: '' };
const DISPLACING: Served = {
  ...SENT,
  note: 'older messages were dropped: the client reads too slowly',
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

/**
 * AWS has one 429 for everything that is too much. Who pushes wants to know whether to slow down, or to leave
 * one client alone: `x-postern-reason` says it.
 */
export class Busy extends ServiceException {
  readonly reason: string;

  constructor(reason: 'slow-client' | 'connecting' | 'node-busy', message: string) {
    const rule = reason === 'node-busy' ? reason : 'client-reads-too-slowly';
    super('LimitExceededException', message, {}, rule);
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
