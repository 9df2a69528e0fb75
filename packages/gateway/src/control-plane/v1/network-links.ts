import { readPatchOperations, replacedMembers } from '../../resources/json-patch.ts';
import {
  assertNetworkLink,
  NETWORK_LINK_PREFIX,
  type NetworkLink,
  networkLinkFields,
} from '../../resources/network-link.ts';
import { createFrom, patch } from '../../resources/patch.ts';
import { readFields } from '../../resources/read-fields.ts';
import { viewOf } from '../../resources/view.ts';
import { limits } from '../../wire/limits.ts';
import { assertRoomFor } from '../account-quota.ts';
import {
  changeDocument,
  concurrentModification,
  createDocument,
  type DocumentKind,
  freshDocumentId,
  readDocument,
} from '../document-store.ts';
import { isId } from '../fresh-id.ts';
import type { Call, Operation } from '../operation.ts';
import { listAll } from './list.ts';
import { limitExceeded, unknown } from './problems.ts';

const path = '/vpclinks';
const one = `${path}/{vpclink_id}`;

export const networkLinkOperations: Operation[] = [
  {
    operation: 'GetVpcLinks',
    method: 'GET',
    path,
    status: 200,
    handler: (call) => listAll<NetworkLink>(call, networkLinkDocuments, view),
  },
  { operation: 'CreateVpcLink', method: 'POST', path, status: 202, handler: create },
  { operation: 'GetVpcLink', method: 'GET', path: one, status: 200, handler: get },
  { operation: 'UpdateVpcLink', method: 'PATCH', path: one, status: 200, handler: update },
  { operation: 'DeleteVpcLink', method: 'DELETE', path: one, status: 202, handler: remove },
];

export const networkLinkDocuments: DocumentKind<NetworkLink> = {
  noun: 'VPC Link',
  param: 'vpclink_id',
  prefix: NETWORK_LINK_PREFIX,
  isId,
  unknown: () => unknown('Invalid Vpc Link identifier specified'),
};

async function create({ context, body }: Call) {
  const asked = readFields(networkLinkFields, body, 'create', context.lenient);
  const start: Partial<NetworkLink> = {
    id: await freshDocumentId(context, networkLinkDocuments, 6),
    status: 'AVAILABLE',
    statusMessage: 'Your vpc link is ready for use',
  };
  const link = createFrom(networkLinkFields, start, asked);
  assertNetworkLink(link, context.lenient);
  await assertRoomFor(context, networkLinkDocuments, limits.vpcLinksPerAccountMax, limitExceeded);
  if (await createDocument(context, networkLinkDocuments, link.id, link)) return view(link);
  throw concurrentModification();
}

async function get({ context, params }: Call) {
  return view(await readDocument(context, networkLinkDocuments, params.vpclink_id!));
}

function update({ context, params, body }: Call) {
  return changeDocument(context, networkLinkDocuments, params.vpclink_id!, (before) => {
    const operations = readPatchOperations(body, { replace: ['/name', '/description'] });
    const members = replacedMembers(operations, {});
    const asked = readFields(networkLinkFields, members, 'update', context.lenient);
    const document = operations.length === 0 ? before : patch(networkLinkFields, before, asked);
    return { document, answer: () => view(document) };
  });
}

async function remove({ context, params }: Call): Promise<void> {
  await changeDocument(context, networkLinkDocuments, params.vpclink_id!, () => ({
    document: undefined,
    answer: () => undefined,
  }));
}

const view = (link: NetworkLink) => viewOf(networkLinkFields, link);
