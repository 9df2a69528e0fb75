import type { Change } from '../engines/engine.ts';
import { apiDocumentKey } from '../resources/api-document.ts';
import {
  type ApiMapping,
  apiMappingFields,
  assertMappingTarget,
  settleApiMapping,
} from '../resources/api-mapping.ts';
import type { DomainDocument } from '../resources/domain-name.ts';
import { own } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { findStored } from './document-store.ts';
import { domainDocuments } from './domain-store.ts';
import { freshId } from './fresh-id.ts';
import type { ControlContext, Operation } from './operation.ts';

const kind: ChildKind<DomainDocument, ApiMapping> = {
  documents: domainDocuments,
  collection: 'apiMappings',
  table: apiMappingFields,
  path: '/v2/domainnames/{domainName}/apimappings',
  id: 'apiMappingId',
  countMax: limits.apiMappingsPerDomainMax,
  start: async ({ context }, document) => ({
    apiMappingId: await freshId(context, 6, (id) => Boolean(own(document.apiMappings, id))),
  }),
  settle: (mapping, { document, context }) => settleApiMapping(mapping, document, context.lenient),
  hold: (mapping, { context }) => holdTarget(mapping, context),
};

export const apiMappingOperations: Operation[] = childOperations(kind);

/** The API is written along as it is: whoever deletes it, or the stage, at this moment tries again. */
async function holdTarget(mapping: ApiMapping, context: ControlContext): Promise<Change[]> {
  const stored = await findStored(context, apiDocuments, mapping.apiId);
  if (!context.lenient) assertMappingTarget(mapping, stored?.document);
  if (!stored) return [];
  const { document: value, version: expectedVersion } = stored;
  return [{ key: apiDocumentKey(mapping.apiId), value, expectedVersion }];
}
