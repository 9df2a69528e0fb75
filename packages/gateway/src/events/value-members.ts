/** The twin members of an event: one value by name, and every value by name. */
import type { HandshakeParameters } from '../mapping/scope.ts';

export type Values = ReadonlyMap<string, readonly string[]>;

export function headerMembers(grouped: Values) {
  return { headers: lastValues(grouped), multiValueHeaders: allValues(grouped) };
}

/** Absent when the URL has no query, as on AWS. Of a repeated parameter the last value counts. */
export function queryMembers({ query }: HandshakeParameters) {
  if (query.size === 0) return {};
  const sorted = new Map([...query].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    queryStringParameters: lastValues(sorted),
    multiValueQueryStringParameters: allValues(sorted),
  };
}

const lastValues = (values: Values) =>
  Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1) ?? '']));

const allValues = (values: Values) => Object.fromEntries(values);
