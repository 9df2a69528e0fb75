/** Which connections somebody means: the query of a list, a count, a sweep or a fan-out. */
import { addressList } from '../ambient/address-list.ts';
import { badRequest } from '../resources/problems.ts';
import type { Connection } from './connection.ts';

export type ConnectionFilter = (connection: Connection, now: number) => boolean;

export interface FilterParameter {
  readonly name: string;
  readonly sentence: string;
}

export const filterParameters: readonly FilterParameter[] = [
  { name: 'apiId', sentence: 'of this API' },
  { name: 'stage', sentence: 'of stages with this name' },
  { name: 'address', sentence: 'from this address, or from a range such as `10.0.0.0/8`' },
  { name: 'userAgent', sentence: 'whose User-Agent contains this text, in any case' },
  {
    name: 'principal',
    sentence:
      'whose authorizer named this principal (`principalId`), or whose IAM user or API key id it is',
  },
  {
    name: 'search',
    sentence: 'with this text in connection id, address, User-Agent, principal, API or stage',
  },
  { name: 'olderThanSeconds', sentence: 'open for at least so long' },
  { name: 'youngerThanSeconds', sentence: 'open for less than that' },
  { name: 'idleForSeconds', sentence: 'without a frame in either direction for at least so long' },
];

const NO_SELECTION = ['apiId', 'stage', 'search'];

/** Those by which a message to many is addressed: a search through everything is for people who look. */
export const selectionParameters: readonly FilterParameter[] = filterParameters.filter(
  ({ name }) => !NO_SELECTION.includes(name),
);

/** Throws a `BadRequestException` about a value that makes no sense. Absent and empty: any. */
export function readFilter(query: URLSearchParams): ConnectionFilter {
  const text = (name: string) => query.get(name) || undefined;
  const tests: ConnectionFilter[] = [];
  const add = <T>(value: T | undefined, test: (value: T) => ConnectionFilter) => {
    if (value !== undefined) tests.push(test(value));
  };
  add(
    text('apiId'),
    (apiId) =>
      ({ facts }) =>
        facts.apiId === apiId,
  );
  add(
    text('stage'),
    (stage) =>
      ({ facts }) =>
        facts.stageName === stage,
  );
  add(
    addressesOf(text('address')),
    (list) =>
      ({ facts }) =>
        list.has(facts.identity.sourceIp),
  );
  add(text('userAgent')?.toLowerCase(), (part) => ({ facts }) => {
    return facts.identity.userAgent?.toLowerCase().includes(part) ?? false;
  });
  add(text('principal'), (name) => (connection) => principalOf(connection) === name);
  add(text('search')?.toLowerCase(), (part) => (connection) => {
    return wordsOf(connection).some((word) => word?.toLowerCase().includes(part));
  });
  add(seconds(query, 'olderThanSeconds'), (age) => ({ facts }, now) => {
    return now - facts.connectedAt >= age * 1000;
  });
  add(seconds(query, 'youngerThanSeconds'), (age) => ({ facts }, now) => {
    return now - facts.connectedAt < age * 1000;
  });
  add(seconds(query, 'idleForSeconds'), (idle) => ({ lastActiveAt }, now) => {
    return now - lastActiveAt >= idle * 1000;
  });
  return (connection, now) => tests.every((test) => test(connection, now));
}

/** Who the client is, as far as anybody said: the authorizer, IAM, or the API key. */
export function principalOf({ facts }: Connection): string | undefined {
  const { authorizer, identity } = facts;
  const named = authorizer?.principalId;
  return named === undefined ? (identity.userArn ?? identity.apiKeyId) : String(named);
}

function wordsOf(connection: Connection): (string | undefined)[] {
  const { connectionId, apiId, stageName, identity } = connection.facts;
  const { sourceIp, userAgent } = identity;
  return [connectionId, sourceIp, userAgent, principalOf(connection), apiId, stageName];
}

function addressesOf(text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    return addressList(text);
  } catch (error) {
    throw badRequest(`Invalid address specified: ${(error as Error).message}`);
  }
}

function seconds(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw badRequest(`Invalid ${name} specified. Must be a whole number of seconds`);
  }
  return Number(text);
}
