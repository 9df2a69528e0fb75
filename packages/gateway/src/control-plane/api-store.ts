import { API_PREFIX, type ApiDocument } from '../resources/api-document.ts';
import { notFound } from '../resources/problems.ts';
import { autoDeploy } from './auto-deploy.ts';
import { changeDocument, type DocumentKind, type Outcome, readDocument } from './document-store.ts';
import { isId } from './fresh-id.ts';
import type { ControlContext } from './operation.ts';

/** An API is one document with all its children. Automatic stages move within a change's commit. */
export const apiDocuments: DocumentKind<ApiDocument> = {
  noun: 'API',
  param: 'apiId',
  prefix: API_PREFIX,
  isId,
  unknown: ({ accountId }, apiId) =>
    notFound('Api', `Invalid API identifier specified ${accountId}:${apiId}`),
  complete: autoDeploy,
};

export function readApi(context: ControlContext, apiId: string): Promise<ApiDocument> {
  return readDocument(context, apiDocuments, apiId);
}

export function changeApi<Answer>(
  context: ControlContext,
  apiId: string,
  change: (
    document: ApiDocument,
  ) => Outcome<ApiDocument, Answer> | Promise<Outcome<ApiDocument, Answer>>,
): Promise<Answer> {
  return changeDocument(context, apiDocuments, apiId, change);
}
