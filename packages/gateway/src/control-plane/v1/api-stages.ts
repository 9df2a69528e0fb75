import type { Change } from '../../engines/engine.ts';
import { apiDocumentKey } from '../../resources/api-document.ts';
import { own } from '../../resources/record.ts';
import { type ApiStage, apiStageName } from '../../resources/usage-plan.ts';
import { apiDocuments } from '../api-store.ts';
import { findStored } from '../document-store.ts';
import type { ControlContext } from '../operation.ts';
import { unknown } from './problems.ts';

/**
 * Throws for a stage that is not there (strict mode). Returns the APIs as they are, to be written
 * along: whoever deletes one, or its stage, at this moment tries again and finds the plan.
 */
export async function holdApiStages(
  context: ControlContext,
  stages: readonly ApiStage[],
): Promise<Change[]> {
  const held = new Map<string, Change>();
  for (const each of stages) {
    const stored = await findStored(context, apiDocuments, each.apiId);
    if (!context.lenient && !(stored && own(stored.document.stages, each.stage))) {
      throw unknown(`API Stage not found: ${apiStageName(each)}`);
    }
    if (!stored) continue;
    const { document: value, version: expectedVersion } = stored;
    held.set(each.apiId, { key: apiDocumentKey(each.apiId), value, expectedVersion });
  }
  return [...held.values()];
}
