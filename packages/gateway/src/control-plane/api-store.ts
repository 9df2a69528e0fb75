/**
 * Reading and changing one API. An API is one document, so a change is: read it, make a new one from
 * it, commit it under the version that was read. When another node was faster, start again.
 */
import type { Change } from '../engines/engine.ts';
import { type ApiDocument, apiDocumentKey } from '../resources/api-document.ts';
import { conflict, notFound } from '../resources/problems.ts';
import { autoDeploy } from './auto-deploy.ts';
import { isId } from './fresh-id.ts';
import type { ControlContext } from './operation.ts';

/** What a change makes of an API's document. */
export interface Outcome<Answer> {
  /** The very object that was read when nothing changes; `undefined` removes the API. */
  readonly document: ApiDocument | undefined;
  /** Other documents to write in the same commit. */
  readonly also?: readonly Change[];
  /** Called with the document as written: automatic deployments have then moved their stages. */
  answer(written: ApiDocument): Answer;
}

/** How often a change starts again after another node's commit came first. */
export const commitAttemptsMax = 10;

export async function readApi(context: ControlContext, apiId: string): Promise<ApiDocument> {
  return (await readStored(context, apiId)).document;
}

/**
 * Changes an API, or refuses: `change` throws `ServiceException`s. Everything is written in one
 * commit, deployments of `autoDeploy` stages included. `change` may run several times.
 */
export function changeApi<Answer>(
  context: ControlContext,
  apiId: string,
  change: (document: ApiDocument) => Outcome<Answer> | Promise<Outcome<Answer>>,
): Promise<Answer> {
  return context.changes.run(apiId, async () => {
    for (let attempt = 1; attempt <= commitAttemptsMax; attempt += 1) {
      const { document: before, version } = await readStored(context, apiId);
      const { document, also = [], answer } = await change(before);
      if (document === before && also.length === 0) return answer(before);
      const deployed = document && (await autoDeploy(context, before, document));
      const written = deployed?.document;
      const changes = [
        { key: apiDocumentKey(apiId), value: written, expectedVersion: version },
        ...also,
        ...(deployed?.changes ?? []),
      ];
      if (await context.store.commit(changes)) return answer(written ?? before);
    }
    throw concurrentModification();
  });
}

export function concurrentModification() {
  return conflict(
    'Unable to complete operation due to concurrent modification. Please try again later.',
  );
}

async function readStored(context: ControlContext, apiId: string) {
  const stored = isId(apiId) ? await context.store.get(apiDocumentKey(apiId)) : undefined;
  if (stored) return { document: stored.value as ApiDocument, version: stored.version };
  const message = `Invalid API identifier specified ${context.accountId}:${apiId}`;
  throw notFound('Api', message);
}
