/** What can be tagged, by its ARN: how the tags of each kind are read and changed. */
import type { ApiDocument } from '../resources/api-document.ts';
import type { DomainDocument } from '../resources/domain-name.ts';
import { badRequest } from '../resources/problems.ts';
import type { Dictionary } from '../resources/record.ts';
import type { VpcLink } from '../resources/vpc-link.ts';
import { apiDocuments } from './api-store.ts';
import { changeDocument, type DocumentKind, readDocument } from './document-store.ts';
import { domainDocuments } from './domain-store.ts';
import { type ControlContext, dateOf } from './operation.ts';
import { findStage, putStage } from './stages.ts';
import { vpcLinkDocuments } from './vpc-links.ts';

export type Tags = Dictionary<string>;

/** Tags within a document. */
interface Place<Document> {
  readonly documents: DocumentKind<Document>;
  readonly id: string;
  /** Whether tags may be settings of ours. */
  readonly isStage?: true;
  read(document: Document): Tags;
  write(document: Document, tags: Tags): Document;
}

export interface Tagged {
  readonly isStage: boolean;
  read(): Promise<Tags>;
  change(change: (tags: Tags) => Tags): Promise<void>;
}

/** Throws for what is no ARN of a resource that can have tags. */
export function taggedBy(context: ControlContext, arn: string): Tagged {
  const [, resource = ''] = ARN.exec(arn) ?? [];
  for (const [pattern, tagged] of kinds) {
    const [, id, name] = pattern.exec(resource) ?? [];
    if (id !== undefined) return tagged(context, id, name ?? '');
  }
  throw badRequest('Invalid resource ARN specified');
}

const ARN = /^arn:aws(?:-[a-z]+)*:apigateway:[a-z]{2}(?:-[a-z]+)+-\d::\/(.+)$/;

type Find = (context: ControlContext, id: string, name: string) => Tagged;

const kinds: readonly (readonly [RegExp, Find])[] = [
  [/^apis\/([^/]+)$/, (context, apiId) => tagged(context, apiPlace(apiId))],
  [
    /^apis\/([^/]+)\/stages\/([^/]+)$/,
    (context, apiId, stageName) => tagged(context, stagePlace(context, apiId, stageName)),
  ],
  [/^domainnames\/([^/]+)$/, (context, name) => tagged(context, domainPlace(name))],
  [/^vpclinks\/([^/]+)$/, (context, id) => tagged(context, vpcLinkPlace(id))],
];

function tagged<Document>(context: ControlContext, place: Place<Document>): Tagged {
  const { documents, id, isStage = false } = place;
  return {
    isStage,
    read: async () => place.read(await readDocument(context, documents, id)),
    change: (change) =>
      changeDocument(context, documents, id, (document) => ({
        document: place.write(document, change(place.read(document))),
        answer: () => undefined,
      })),
  };
}

const apiPlace = (id: string): Place<ApiDocument> => ({
  documents: apiDocuments,
  id,
  read: ({ api }) => api.tags,
  write: (document, tags) => ({ ...document, api: { ...document.api, tags } }),
});

const stagePlace = (
  context: ControlContext,
  id: string,
  stageName: string,
): Place<ApiDocument> => ({
  documents: apiDocuments,
  id,
  isStage: true,
  read: (document) => findStage(document, stageName).tags,
  write: (document, tags) =>
    putStage(document, { ...findStage(document, stageName), tags }, dateOf(context)),
});

const domainPlace = (id: string): Place<DomainDocument> => ({
  documents: domainDocuments,
  id,
  read: ({ domain }) => domain.tags,
  write: (document, tags) => ({ ...document, domain: { ...document.domain, tags } }),
});

const vpcLinkPlace = (id: string): Place<VpcLink> => ({
  documents: vpcLinkDocuments,
  id,
  read: ({ tags }) => tags,
  write: (link, tags) => ({ ...link, tags }),
});
