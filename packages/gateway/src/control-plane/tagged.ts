/** What can be tagged, by its ARN: how the tags of each kind are read and changed. */
import type { ApiDocument } from '../resources/api-document.ts';
import type { DomainDocument } from '../resources/domain-name.ts';
import { badRequest } from '../resources/problems.ts';
import { type Dictionary, put } from '../resources/record.ts';
import type { UsagePlansDocument } from '../resources/usage-plan.ts';
import { apiDocuments } from './api-store.ts';
import { changeDocument, type DocumentKind, findStored, readDocument } from './document-store.ts';
import { domainDocuments } from './domain-store.ts';
import { type ControlContext, dateOf } from './operation.ts';
import { findStage, putStage } from './stages.ts';
import { apiKeyDocuments } from './v1/api-key-store.ts';
import { clientCertificateDocuments } from './v1/client-certificates.ts';
import { networkLinkDocuments } from './v1/network-links.ts';
import { findUsagePlan, usagePlanDocuments } from './v1/usage-plan-store.ts';
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
export async function taggedBy(context: ControlContext, arn: string): Promise<Tagged> {
  const [, resource = ''] = ARN.exec(arn) ?? [];
  for (const [pattern, tagged] of kinds) {
    const [, id, name] = pattern.exec(resource) ?? [];
    if (id !== undefined) return tagged(context, id, name ?? '');
  }
  throw badRequest('Invalid resource ARN specified');
}

const ARN = /^arn:aws(?:-[a-z]+)*:apigateway:[a-z]{2}(?:-[a-z]+)+-\d::\/(.+)$/;

type Find = (context: ControlContext, id: string, name: string) => Tagged | Promise<Tagged>;

const kinds: readonly (readonly [RegExp, Find])[] = [
  [/^apis\/([^/]+)$/, (context, apiId) => tagged(context, apiPlace(apiId))],
  [
    /^apis\/([^/]+)\/stages\/([^/]+)$/,
    (context, apiId, stageName) => tagged(context, stagePlace(context, apiId, stageName)),
  ],
  [/^domainnames\/([^/]+)$/, (context, name) => tagged(context, domainPlace(name))],
  [/^vpclinks\/([^/]+)$/, taggedLink],
  [/^apikeys\/([^/]+)$/, (context, id) => tagged(context, flat(apiKeyDocuments, id))],
  [/^usageplans\/([^/]+)$/, (context, id) => tagged(context, usagePlanPlace(id))],
  [
    /^clientcertificates\/([^/]+)$/,
    (context, id) => tagged(context, flat(clientCertificateDocuments, id)),
  ],
];

/** Links of both APIs have ARNs of one form. */
async function taggedLink(context: ControlContext, id: string): Promise<Tagged> {
  return (await findStored(context, networkLinkDocuments, id))
    ? tagged(context, flat(networkLinkDocuments, id))
    : tagged(context, flat(vpcLinkDocuments, id));
}

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

/** A document that is one resource. */
const flat = <Resource extends { readonly tags?: Tags }>(
  documents: DocumentKind<Resource>,
  id: string,
): Place<Resource> => ({
  documents,
  id,
  read: ({ tags = {} }) => tags,
  write: (resource, tags) => ({ ...resource, tags }),
});

const usagePlanPlace = (id: string): Place<UsagePlansDocument> => ({
  documents: usagePlanDocuments,
  id: '',
  read: (document) => findUsagePlan(document, id).tags ?? {},
  write: (document, tags) => ({
    plans: put(document.plans, id, { ...findUsagePlan(document, id), tags }),
  }),
});
