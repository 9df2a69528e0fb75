import { createHash } from 'node:crypto';
import type { FieldTable } from './field.ts';
import { badRequest } from './problems.ts';
import { tagsRule } from './tags.ts';

/** A key that callers send at `$connect`, stored under `apikey/{id}`. Dates are epoch seconds. */
export interface ApiKey {
  readonly id: string;
  /** A secret. Unique; shown when it is made, and later to whoever asks for it. */
  readonly value: string;
  readonly name?: string;
  readonly description?: string;
  readonly customerId?: string;
  readonly enabled: boolean;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  /** What usage plans replaced: always empty. */
  readonly stageKeys: readonly [];
  readonly tags?: Readonly<Record<string, string>>;
}

/** Leads from a value to the key that has it: `apikeyvalue/{digest}` holds the id. */
export interface ApiKeyValue {
  readonly apiKeyId: string;
}

export const API_KEY_PREFIX = 'apikey/';
export const apiKeyValueKey = (value: string) =>
  `apikeyvalue/${createHash('sha256').update(value).digest('hex')}`;

const VALUE_LENGTH_MIN = 20;
const VALUE_LENGTH_MAX = 128;

export const apiKeyFields: FieldTable<ApiKey, 'generateDistinctId'> = {
  noun: 'ApiKey',
  fields: [
    { name: 'name', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'customerId', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'enabled', kind: 'flag', initial: false },
    // Ids and values have been distinct for years: read, and without effect.
    { name: 'generateDistinctId', kind: 'flag', only: 'create', isWriteOnly: true },
    { name: 'value', kind: 'text', only: 'create' },
    { name: 'stageKeys', kind: 'list', of: { kind: 'json' }, only: 'create', initial: [] },
    { name: 'tags', ...tagsRule, only: 'create' },
  ],
  given: ['id', 'createdDate', 'lastUpdatedDate'],
};

/** The rules over a new key. A value travels in a header, so those hold in lenient mode too. */
export function settleApiKey(draft: ApiKey, lenient: boolean): ApiKey {
  const problem = apiKeyValueProblem(draft.value);
  if (problem !== undefined) throw badRequest(problem);
  if (draft.stageKeys.length > 0 && !lenient) {
    throw badRequest('StageKeys are not supported. Add the API Key to a Usage Plan');
  }
  return { ...draft, stageKeys: [] };
}

/** A sentence when the text cannot be the value of a key. */
function apiKeyValueProblem(value: string): string | undefined {
  if (value.length < VALUE_LENGTH_MIN) {
    return `API Key value should be at least ${VALUE_LENGTH_MIN} characters`;
  }
  if (value.length > VALUE_LENGTH_MAX) {
    return `API Key value should be at most ${VALUE_LENGTH_MAX} characters`;
  }
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'API Key value may contain only visible ASCII characters';
}
