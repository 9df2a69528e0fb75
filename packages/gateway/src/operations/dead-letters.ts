/**
 * Dead letters: connections whose backend never answered `$disconnect` with 2xx, oldest first. To replay
 * one is to try it again as often as a new one; to drop one is to forget it.
 */
import type { DeadDisconnect } from '../connections/disconnect-record.ts';
import type { DeadLetter } from '../engines/connection-directory.ts';
import { badRequest } from '../resources/problems.ts';
import { ServiceException } from '../wire/exceptions.ts';
import { readLimit } from './connections.ts';
import type { Call, Operation } from './operation.ts';

const LETTERS_AT_ONCE = 1000;
const one = '/dead-letters/{id}';

export const deadLetterOperations: readonly Operation[] = [
  {
    operation: 'ListDeadLetters',
    method: 'GET',
    path: '/dead-letters',
    sentence:
      'Every `$disconnect` that was given up, oldest first. `total` counts all there are, `waiting` what ' +
      'this node still tries; `nextToken` asks for the next page.',
    query: [
      { name: 'maxResults', sentence: 'items of a page, 1 to 500; 50' },
      { name: 'nextToken', sentence: 'of the page before' },
    ],
    handler: listLetters,
  },
  {
    operation: 'GetDeadLetter',
    method: 'GET',
    path: one,
    sentence: 'One of them, with what its authorizer said. 404 when there is none of this id.',
    handler: async ({ context, params }) => {
      const letter = await context.deadLetters.get(params.id!);
      if (!letter) throw unknownLetter(params.id!);
      const { facts } = letter.value as DeadDisconnect;
      const { identity, authorizer, domainName } = facts;
      const { sourceIp, userAgent } = identity;
      return {
        ...viewOf(letter),
        domainName,
        sourceIp,
        ...(userAgent !== undefined && { userAgent }),
        ...(authorizer && { authorizer }),
      };
    },
  },
  {
    operation: 'ReplayDeadLetter',
    method: 'POST',
    path: `${one}/replay`,
    sentence:
      'Tries it again, from now on and as often as a new one. Answers before the first try.',
    handler: async ({ context, params }) => {
      if (!(await context.replay(params.id!))) throw unknownLetter(params.id!);
      return { id: params.id };
    },
  },
  {
    operation: 'DropDeadLetter',
    method: 'DELETE',
    path: one,
    sentence: 'Forgets it.',
    handler: async ({ context, params }) => {
      if (!(await context.deadLetters.drop(params.id!))) throw unknownLetter(params.id!);
      return { id: params.id };
    },
  },
  {
    operation: 'ReplayDeadLetters',
    method: 'POST',
    path: '/dead-letters/replay',
    sentence:
      `Tries the oldest ${LETTERS_AT_ONCE} again. Answers how many were \`replayed\`, and how many are ` +
      '`remaining`.',
    handler: async ({ context }) => {
      const replayed = await ofOldest(context, (id) => context.replay(id));
      return { replayed, remaining: await context.deadLetters.count() };
    },
  },
  {
    operation: 'DropDeadLetters',
    method: 'DELETE',
    path: '/dead-letters',
    sentence:
      `Forgets the oldest ${LETTERS_AT_ONCE}. Answers how many were \`dropped\`, and how many are ` +
      '`remaining`.',
    handler: async ({ context }) => {
      const dropped = await ofOldest(context, (id) => context.deadLetters.drop(id));
      return { dropped, remaining: await context.deadLetters.count() };
    },
  },
];

async function listLetters({ context, query }: Call) {
  const limit = readLimit(query);
  const after = query.get('nextToken') ?? '';
  if (!/^[\w=-]{0,64}$/.test(after)) throw badRequest('Invalid nextToken specified');
  const { deadLetters } = context;
  const page = await deadLetters.list({ limit: limit + 1, ...(after !== '' && { after }) });
  const items = page.slice(0, limit);
  return {
    items: items.map(viewOf),
    total: await deadLetters.count(),
    waiting: context.waitingDisconnects(),
    ...(page.length > limit && { nextToken: items.at(-1)!.id }),
  };
}

/** At once, so that the engine writes them together. */
async function ofOldest(
  { deadLetters }: Call['context'],
  act: (id: string) => Promise<boolean>,
): Promise<number> {
  const letters = await deadLetters.list({ limit: LETTERS_AT_ONCE });
  const done = await Promise.all(letters.map(({ id }) => act(id)));
  return done.filter(Boolean).length;
}

function viewOf({ id, value }: DeadLetter) {
  const { facts, close, endedAt, attempts, reason, buriedAt } = value as DeadDisconnect;
  return {
    id,
    connectionId: facts.connectionId,
    apiId: facts.apiId,
    stage: facts.stageName,
    connectedAt: iso(facts.connectedAt),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    ...(close && { disconnectStatusCode: close.code, disconnectReason: close.reason }),
    buriedAt: iso(buriedAt),
    attempts,
    reason,
  };
}

const iso = (epochMillis: number) => new Date(epochMillis).toISOString();

const unknownLetter = (id: string) =>
  new ServiceException('NotFoundException', `There is no dead letter ${id}`);
