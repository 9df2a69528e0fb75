/** The connections of this node: found, looked at, written to, closed. Newest first. */
import type { Connection } from '../connections/connection.ts';
import {
  filterParameters,
  readFilter,
  selectionParameters,
} from '../connections/connection-filter.ts';
import { isConnectionId } from '../connections/connection-id.ts';
import { badRequest, notFound } from '../resources/problems.ts';
import { closes } from '../wire/close-codes.ts';
import { messageInText, ServiceException } from '../wire/exceptions.ts';
import { viewOfConnection } from './connection-view.ts';
import type { Call, Operation } from './operation.ts';

const ITEMS_DEFAULT = 50;
const ITEMS_MAX = 500;
const one = '/connections/{connectionId}';

export const connectionOperations: readonly Operation[] = [
  {
    operation: 'ListConnections',
    method: 'GET',
    path: '/connections',
    sentence:
      'Open connections, newest first. `total` counts those that fit, `open` all there are; ' +
      '`nextToken` asks for the next page.',
    query: [
      ...filterParameters,
      { name: 'maxResults', sentence: `items of a page, 1 to ${ITEMS_MAX}; ${ITEMS_DEFAULT}` },
      { name: 'nextToken', sentence: 'of the page before' },
    ],
    handler: listConnections,
    gather: gatherList,
  },
  {
    operation: 'CountConnections',
    method: 'GET',
    path: '/connection-count',
    sentence: 'How many connections fit, in all and per API and stage.',
    query: filterParameters,
    handler: countConnections,
    gather: gatherCounts,
  },
  {
    operation: 'GetConnection',
    method: 'GET',
    path: one,
    sentence: 'One connection. 410 when there is none.',
    handler: ({ context, params }) =>
      viewOfConnection(existing(context, params.connectionId!), context.about.node),
  },
  {
    operation: 'SendMessage',
    method: 'POST',
    path: `${one}/messages`,
    sentence:
      'Sends the body to the client, with the limits and answers of a push to @connections.',
    handler: sendMessage,
  },
  {
    operation: 'SendMessages',
    method: 'POST',
    path: '/messages',
    sentence:
      'Sends the body to every connection of a stage that fits, as `POST /{stage}/@connections` does: how many it ' +
      'was `delivered` to, `refused` it and were `gone`, and which nodes were `unreached`.',
    query: [
      { name: 'stage', sentence: 'of the stage with this name; must be there' },
      {
        name: 'apiId',
        sentence: 'of this API; where only one has such a stage, it need not be there',
      },
      ...selectionParameters,
      { name: 'connectionId', sentence: 'this connection; may be there several times' },
    ],
    handler: sendMessages,
  },
  {
    operation: 'CloseConnection',
    method: 'DELETE',
    path: one,
    sentence: 'Closes the connection with 1000, as DELETE of @connections does.',
    handler: ({ context, params }) => {
      existing(context, params.connectionId!).close(closes.deleted, 'deleted');
      return { connectionId: params.connectionId };
    },
  },
];

function listConnections({ context, query }: Call) {
  const limit = readLimit(query);
  const after = readToken(query.get('nextToken'));
  const fitting = fittingConnections(context, query).sort(newestFirst);
  const rest = after
    ? fitting.filter(({ facts }) => newestFirst({ facts: after }, { facts }) < 0)
    : fitting;
  const page = rest.slice(0, limit);
  return {
    items: page.map((connection) => viewOfConnection(connection, context.about.node)),
    total: fitting.length,
    open: context.hub.size,
    node: context.about.node,
    ...(rest.length > limit && { nextToken: tokenOf(page.at(-1)!.facts) }),
  };
}

type Listed = ReturnType<typeof listConnections>;

/** Each node has shown its newest, so the newest of all are among them. */
function gatherList(answers: readonly unknown[], { query, context }: Call) {
  const pages = answers as readonly Listed[];
  const all = pages.flatMap(({ items }) => items).sort(byNewest);
  const items = all.slice(0, readLimit(query));
  const hasMore = all.length > items.length || pages.some(({ nextToken }) => nextToken);
  return {
    items,
    total: sum(pages.map(({ total }) => total)),
    open: sum(pages.map(({ open }) => open)),
    node: context.about.node,
    ...(hasMore && items.length > 0 && { nextToken: tokenOf(placeOf(items.at(-1)!)) }),
  };
}

const placeOf = ({ connectedAt, connectionId }: Listed['items'][number]): Place => ({
  connectedAt: Date.parse(connectedAt),
  connectionId,
});

const byNewest = (one: Listed['items'][number], other: Listed['items'][number]) =>
  newestFirst({ facts: placeOf(one) }, { facts: placeOf(other) });

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

function countConnections({ context, query }: Call) {
  const fitting = fittingConnections(context, query);
  const each = fitting.map(({ facts: { apiId, stageName: stage } }) => ({
    apiId,
    stage,
    count: 1,
  }));
  return { total: fitting.length, stages: addedUp(each), node: context.about.node };
}

function gatherCounts(answers: readonly unknown[], { context }: Call) {
  const all = answers as readonly ReturnType<typeof countConnections>[];
  const stages = addedUp(all.flatMap((answer) => answer.stages));
  return { total: sum(all.map(({ total }) => total)), stages, node: context.about.node };
}

interface StageCount {
  readonly apiId: string;
  readonly stage: string;
  readonly count: number;
}

/** One count per stage, the largest first. */
function addedUp(counts: readonly StageCount[]): StageCount[] {
  const sums = new Map<string, StageCount>();
  for (const { apiId, stage, count } of counts) {
    const key = `${apiId}/${stage}`;
    sums.set(key, { apiId, stage, count: (sums.get(key)?.count ?? 0) + count });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

async function sendMessage({ context, params, bytes }: Call) {
  const { connectionId, apiId, stageName } = existing(context, params.connectionId!).facts;
  const reply = await context.push(connectionId, { apiId, stage: stageName }, bytes);
  if (reply.status === 200) return { connectionId, bytes: bytes.length };
  throw refusalOf(reply.status, reply.body);
}

async function sendMessages({ context, query, bytes }: Call) {
  const selection = new URLSearchParams(query);
  const [stage = '', apiId = ''] = ['stage', 'apiId'].map((name) => query.get(name) ?? '');
  selection.delete('stage');
  selection.delete('apiId');
  if (stage === '') throw badRequest('Invalid stage specified. It must be there');
  const { status, body } = await context.pushToMany({ apiId, stage }, selection.toString(), bytes);
  if (status === 200 || status === 207) return JSON.parse(body) as object;
  throw refusalOf(status, body);
}

/** The management API has its own way of writing refusals; here they read like all others. */
function refusalOf(status: number, body: string): ServiceException {
  const words = messageInText(body) ?? 'The message was not sent';
  switch (status) {
    case 400:
      return badRequest(words);
    case 403:
      return notFound('Stage', 'There is no such stage');
    case 410:
      return gone();
    case 413:
      return new ServiceException(
        'PayloadTooLargeException',
        'A message may have 128 KB, or what the stage allows',
      );
    default:
      return new ServiceException('LimitExceededException', words);
  }
}

function existing({ hub }: Call['context'], connectionId: string): Connection {
  if (!isConnectionId(connectionId)) throw badRequest(`Invalid connectionId: ${connectionId}`);
  const connection = hub.get(connectionId);
  if (connection?.isOpen) return connection;
  throw gone();
}

const gone = () => new ServiceException('GoneException', 'There is no such connection (any more)');

export function fittingConnections(context: Call['context'], query: URLSearchParams): Connection[] {
  const fits = readFilter(query);
  const now = context.clock.now();
  return [...context.hub.all()].filter((connection) => fits(connection, now));
}

type Place = Pick<Connection['facts'], 'connectedAt' | 'connectionId'>;

function newestFirst(one: { readonly facts: Place }, other: { readonly facts: Place }): number {
  const byTime = other.facts.connectedAt - one.facts.connectedAt;
  if (byTime !== 0) return byTime;
  return one.facts.connectionId < other.facts.connectionId ? -1 : 1;
}

/** A place and not a count, so a page stays right while connections come and go. */
function tokenOf({ connectedAt, connectionId }: Place): string {
  return Buffer.from(`${connectedAt} ${connectionId}`).toString('base64url');
}

function readToken(token: string | null): Place | undefined {
  if (token === null || token === '') return undefined;
  const [time = '', connectionId = ''] = Buffer.from(token, 'base64url').toString().split(' ');
  if (/^\d{1,16}$/.test(time) && isConnectionId(connectionId)) {
    return { connectedAt: Number(time), connectionId };
  }
  throw badRequest('Invalid nextToken specified');
}

export function readLimit(query: URLSearchParams): number {
  const text = query.get('maxResults') ?? String(ITEMS_DEFAULT);
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= ITEMS_MAX) return limit;
  throw badRequest(`Invalid maxResults specified. Must be a number from 1 to ${ITEMS_MAX}`);
}
