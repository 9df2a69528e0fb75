import { createFrom, patch } from '../resources/patch.ts';
import { notFound } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { viewOf } from '../resources/view.ts';
import {
  assertVpcLink,
  VPC_LINK_PREFIX,
  type VpcLink,
  vpcLinkFields,
} from '../resources/vpc-link.ts';
import { limits } from '../wire/limits.ts';
import { assertRoomFor } from './account-quota.ts';
import {
  changeDocument,
  concurrentModification,
  createDocument,
  type DocumentKind,
  freshDocumentId,
  listDocuments,
  readDocument,
} from './document-store.ts';
import { isId } from './fresh-id.ts';
import { type Call, dateOf, type Operation } from './operation.ts';

const path = '/v2/vpclinks';
const one = `${path}/{vpcLinkId}`;

export const vpcLinkOperations: Operation[] = [
  { operation: 'GetVpcLinks', method: 'GET', path, status: 200, handler: getVpcLinks },
  { operation: 'CreateVpcLink', method: 'POST', path, status: 201, handler: createVpcLink },
  { operation: 'DeleteVpcLink', method: 'DELETE', path: one, status: 202, handler: deleteVpcLink },
  { operation: 'GetVpcLink', method: 'GET', path: one, status: 200, handler: getVpcLink },
  { operation: 'UpdateVpcLink', method: 'PATCH', path: one, status: 200, handler: updateVpcLink },
];

export const vpcLinkDocuments: DocumentKind<VpcLink> = {
  noun: 'VPC Link',
  param: 'vpcLinkId',
  prefix: VPC_LINK_PREFIX,
  isId,
  unknown: (_, id) => notFound('VpcLink', `Invalid VpcLink identifier specified ${id}`),
};

function getVpcLinks(call: Call) {
  return listDocuments<VpcLink>(call, vpcLinkDocuments, view);
}

async function createVpcLink({ context, body }: Call) {
  const asked = readFields(vpcLinkFields, body, 'create', context.lenient);
  const start: Partial<VpcLink> = {
    vpcLinkId: await freshDocumentId(context, vpcLinkDocuments, 6),
    createdDate: dateOf(context),
    vpcLinkStatus: 'AVAILABLE',
    vpcLinkStatusMessage: 'VPC link is ready to route traffic',
    vpcLinkVersion: 'V2',
  };
  const link = createFrom(vpcLinkFields, start, asked);
  assertVpcLink(link, context.lenient);
  await assertRoomFor(context, vpcLinkDocuments, limits.vpcLinksPerAccountMax);
  if (await createDocument(context, vpcLinkDocuments, link.vpcLinkId, link)) return view(link);
  throw concurrentModification();
}

async function getVpcLink({ context, params }: Call) {
  return view(await readDocument(context, vpcLinkDocuments, params.vpcLinkId!));
}

function updateVpcLink({ context, params, body }: Call) {
  return changeDocument(context, vpcLinkDocuments, params.vpcLinkId!, (before) => {
    const asked = readFields(vpcLinkFields, body, 'update', context.lenient);
    const document = Object.keys(asked).length === 0 ? before : patch(vpcLinkFields, before, asked);
    return { document, answer: () => view(document) };
  });
}

/** Answers 202 with an empty object; the link is gone by then. */
function deleteVpcLink({ context, params }: Call) {
  return changeDocument(context, vpcLinkDocuments, params.vpcLinkId!, () => ({
    document: undefined,
    answer: () => ({}),
  }));
}

const view = (link: VpcLink) => viewOf(vpcLinkFields, link);
