import type { Change } from '../../engines/engine.ts';
import { type ApiKey, apiKeyFields, settleApiKey } from '../../resources/api-key.ts';
import { type ApiKeyRow, readApiKeyFile } from '../../resources/api-key-file.ts';
import { createFrom, patch } from '../../resources/patch.ts';
import { badRequest } from '../../resources/problems.ts';
import { readFields } from '../../resources/read-fields.ts';
import type { UsagePlansDocument } from '../../resources/usage-plan.ts';
import { ServiceException } from '../../wire/exceptions.ts';
import { limits } from '../../wire/limits.ts';
import { assertRoomFor } from '../account-quota.ts';
import { type Call, type ControlContext, epochSecondsOf, type Operation } from '../operation.ts';
import { apiKeyDocuments, findByValue, freshApiKeyId, newApiKey } from './api-key-store.ts';
import { limitExceeded } from './problems.ts';
import { withKey } from './usage-plan-keys.ts';
import { changeUsagePlans } from './usage-plan-store.ts';

/** `POST /apikeys?mode=import`: many keys from a file, in one commit. */
export const importApiKeysOperation: Operation = {
  operation: 'ImportApiKeys',
  method: 'POST',
  path: '/apikeys',
  status: 201,
  takesBytes: true,
  handler: importApiKeys,
};

/** What a file has come to, line after line. */
interface Import {
  readonly keys: Map<string, Imported>;
  readonly warnings: string[];
  plans: UsagePlansDocument;
}

interface Imported {
  readonly key: ApiKey;
  readonly changes: readonly Change[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A key whose value is known already is overwritten, as AWS documents. A line that cannot be taken is
 * a warning; with `failonwarnings` nothing is imported then.
 */
function importApiKeys({ context, query, bytes }: Call) {
  if (query.get('format') !== 'csv') {
    throw badRequest('Invalid format specified. Must be one of [csv]');
  }
  const rows = readApiKeyFile(decode(bytes));
  if (rows.length > limits.apiKeysPerAccountMax) throw limitExceeded('API Keys', 'account');
  return changeUsagePlans(context, async (before) => {
    const result: Import = { keys: new Map(), warnings: [], plans: before };
    for (const row of rows) await importRow(context, row, result);
    const { keys, warnings, plans } = result;
    if (warnings.length > 0 && query.get('failonwarnings') === 'true') {
      throw badRequest(warnings.join('; '));
    }
    const imported = [...keys.values()];
    const added = imported.filter(({ changes }) => changes.length > 1).length;
    if (added > 0) {
      const room = limits.apiKeysPerAccountMax - added + 1;
      await assertRoomFor(context, apiKeyDocuments, room, limitExceeded);
    }
    return {
      document: plans,
      also: imported.flatMap(({ changes }) => changes),
      answer: () => ({ ids: imported.map(({ key }) => key.id), warnings }),
    };
  });
}

async function importRow(context: ControlContext, row: ApiKeyRow, result: Import): Promise<void> {
  const warn = (error: unknown) => {
    if (!(error instanceof ServiceException)) throw error;
    result.warnings.push(`Line ${row.line}: ${error.message}`);
  };
  try {
    const imported = await importKey(context, row, result);
    result.keys.set(row.value, imported);
    for (const planId of row.usagePlanIds) {
      try {
        result.plans = withKey(result.plans, planId, imported.key.id);
      } catch (error) {
        warn(error);
      }
    }
  } catch (error) {
    warn(error);
  }
}

async function importKey(context: ControlContext, row: ApiKeyRow, { keys }: Import) {
  const { name, description, enabled, value } = row;
  const asked = readFields(apiKeyFields, { name, description, enabled }, 'update', true);
  const lastUpdatedDate = epochSecondsOf(context);
  const earlier = keys.get(value);
  const changed = (key: ApiKey): ApiKey => ({
    ...patch(apiKeyFields, key, asked),
    lastUpdatedDate,
  });
  if (earlier) {
    const key = changed(earlier.key);
    const changes = earlier.changes.map((change, at) =>
      at === 0 ? { ...change, value: key } : change,
    );
    return { key, changes };
  }
  const stored = await findByValue(context, value);
  if (stored) {
    const key = changed(stored.document);
    const { prefix } = apiKeyDocuments;
    return {
      key,
      changes: [{ key: prefix + key.id, value: key, expectedVersion: stored.version }],
    };
  }
  const id = await freshApiKeyId(context);
  const start = { id, value, createdDate: lastUpdatedDate, lastUpdatedDate };
  const key = settleApiKey(createFrom(apiKeyFields, start, asked), context.lenient);
  return { key, changes: newApiKey(key) };
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badRequest('Invalid API key file specified. It must be text in UTF-8');
  }
}
