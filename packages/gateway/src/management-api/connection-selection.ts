/** Which connections a message to many is for: the query of `POST /{stage}/@connections`. */
import { readFilter, selectionParameters } from '../connections/connection-filter.ts';
import { isConnectionId } from '../connections/connection-id.ts';
import { ServiceException } from '../wire/exceptions.ts';
import { malformedId } from './outcome.ts';

export interface ConnectionSelection {
  /** Of these only; left out: any. */
  readonly connectionIds?: readonly string[];
  /** As `readFilter` reads it; empty: any. */
  readonly filter: string;
}

/** As many as fit into a URL beside a signature. */
const IDS_MAX = 500;

const names = new Set(selectionParameters.map(({ name }) => name));
const CONNECTION_ID = 'connectionId';
/** A presigned URL has its signature there. */
const SIGNATURE = /^x-amz-/i;

/**
 * Throws a `BadRequestException` for whatever could mean more connections than the caller had in mind: a name
 * that is none, a value that is empty, one of two values.
 */
export function readSelection(query: string): ConnectionSelection {
  const asked = new URLSearchParams(query);
  const filter = new URLSearchParams();
  for (const [name, value] of asked) {
    if (name === CONNECTION_ID || SIGNATURE.test(name)) continue;
    if (!names.has(name)) throw invalidSelection(`Invalid query parameter specified: ${name}`);
    if (filter.has(name)) throw invalidSelection(`Invalid ${name} specified. It may be there once`);
    if (value === '') throw invalidSelection(`Invalid ${name} specified. It must not be empty`);
    filter.set(name, value);
  }
  assertMeaningful(filter);
  const selection = { filter: filter.toString() };
  return asked.has(CONNECTION_ID)
    ? { ...selection, connectionIds: readIds(asked.getAll(CONNECTION_ID)) }
    : selection;
}

export function invalidSelection(message: string): ServiceException {
  return new ServiceException('BadRequestException', message, {}, 'selection-invalid');
}

function assertMeaningful(filter: URLSearchParams): void {
  try {
    readFilter(filter);
  } catch (error) {
    throw error instanceof ServiceException ? invalidSelection(error.message) : error;
  }
}

function readIds(ids: readonly string[]): readonly string[] {
  if (ids.length > IDS_MAX) {
    throw invalidSelection(`Invalid connectionId specified. At most ${IDS_MAX} are allowed`);
  }
  for (const id of ids) if (!isConnectionId(id)) throw malformedId(id);
  return ids;
}
