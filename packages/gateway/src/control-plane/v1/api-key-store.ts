import type { Change } from '../../engines/engine.ts';
import {
  API_KEY_PREFIX,
  type ApiKey,
  type ApiKeyValue,
  apiKeyValueKey,
} from '../../resources/api-key.ts';
import { type DocumentKind, findStored } from '../document-store.ts';
import { freshId, isId } from '../fresh-id.ts';
import type { ControlContext } from '../operation.ts';
import { unknown } from './problems.ts';

export const apiKeyDocuments: DocumentKind<ApiKey> = {
  noun: 'API Key',
  param: 'api_Key',
  prefix: API_KEY_PREFIX,
  isId,
  unknown: () => unknown('Invalid API Key identifier specified'),
};

/** An id no key has. */
export function freshApiKeyId(context: ControlContext): Promise<string> {
  return freshId(
    context,
    10,
    async (id) => (await findStored(context, apiKeyDocuments, id)) !== undefined,
  );
}

/** The key that has a value, with its version. */
export async function findByValue(context: ControlContext, value: string) {
  const stored = await context.store.get(apiKeyValueKey(value));
  const { apiKeyId } = (stored?.value ?? {}) as Partial<ApiKeyValue>;
  return apiKeyId === undefined ? undefined : findStored(context, apiKeyDocuments, apiKeyId);
}

/** What stores a key and leads to it from its value, as long as no other has that value. */
export function newApiKey(key: ApiKey): Change[] {
  const value: ApiKeyValue = { apiKeyId: key.id };
  return [
    { key: API_KEY_PREFIX + key.id, value: key, expectedVersion: 0 },
    { key: apiKeyValueKey(key.value), value, expectedVersion: 0 },
  ];
}
