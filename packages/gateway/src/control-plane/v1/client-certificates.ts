import type { Change } from '../../engines/engine.ts';
import { API_PREFIX, type ApiDocument } from '../../resources/api-document.ts';
import {
  CLIENT_CERTIFICATE_PREFIX,
  type ClientCertificate,
  clientCertificateFields,
  clientCertificateValidDays,
} from '../../resources/client-certificate.ts';
import { readPatchOperations, replacedMembers } from '../../resources/json-patch.ts';
import { createFrom, patch } from '../../resources/patch.ts';
import { badRequest, conflict } from '../../resources/problems.ts';
import { readFields } from '../../resources/read-fields.ts';
import { viewOf } from '../../resources/view.ts';
import { limits } from '../../wire/limits.ts';
import { assertRoomFor } from '../account-quota.ts';
import {
  changeDocument,
  concurrentModification,
  createDocument,
  type DocumentKind,
  findStored,
  freshDocumentId,
  readDocument,
} from '../document-store.ts';
import { isId } from '../fresh-id.ts';
import { type Call, type ControlContext, epochSecondsOf, type Operation } from '../operation.ts';
import { listAll } from './list.ts';
import { limitExceeded, unknown } from './problems.ts';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

const path = '/clientcertificates';
const one = `${path}/{clientcertificate_id}`;

export const clientCertificateOperations: Operation[] = [
  {
    operation: 'GetClientCertificates',
    method: 'GET',
    path,
    status: 200,
    handler: (call) => listAll<ClientCertificate>(call, clientCertificateDocuments, view),
  },
  { operation: 'GenerateClientCertificate', method: 'POST', path, status: 201, handler: generate },
  { operation: 'GetClientCertificate', method: 'GET', path: one, status: 200, handler: get },
  {
    operation: 'UpdateClientCertificate',
    method: 'PATCH',
    path: one,
    status: 200,
    handler: update,
  },
  {
    operation: 'DeleteClientCertificate',
    method: 'DELETE',
    path: one,
    status: 202,
    handler: remove,
  },
];

export const clientCertificateDocuments: DocumentKind<ClientCertificate> = {
  noun: 'Client Certificate',
  param: 'clientcertificate_id',
  prefix: CLIENT_CERTIFICATE_PREFIX,
  isId,
  unknown: () => unknown('Invalid Client Certificate identifier specified'),
};

const DAY_SECONDS = 86_400;

async function generate({ context, body }: Call) {
  const asked = readFields(clientCertificateFields, body, 'create', context.lenient);
  const { clientCertificatesPerAccountMax: max } = limits;
  await assertRoomFor(context, clientCertificateDocuments, max, limitExceeded);
  const createdDate = epochSecondsOf(context);
  const expirationDate = createdDate + clientCertificateValidDays * DAY_SECONDS;
  const made = await makeSelfSignedCertificate({
    notBefore: new Date(createdDate * 1000),
    notAfter: new Date(expirationDate * 1000),
    random: context.random,
  });
  const start: Partial<ClientCertificate> = {
    clientCertificateId: await freshDocumentId(context, clientCertificateDocuments, 6),
    createdDate,
    expirationDate,
    pemEncodedCertificate: made.certificatePem,
    privateKeyPem: made.privateKeyPem,
  };
  const certificate = createFrom(clientCertificateFields, start, asked);
  const { clientCertificateId: id } = certificate;
  if (await createDocument(context, clientCertificateDocuments, id, certificate)) {
    return view(certificate);
  }
  throw concurrentModification();
}

async function get({ context, params }: Call) {
  return view(
    await readDocument(context, clientCertificateDocuments, params.clientcertificate_id!),
  );
}

function update({ context, params, body }: Call) {
  const id = params.clientcertificate_id!;
  return changeDocument(context, clientCertificateDocuments, id, (before) => {
    const operations = readPatchOperations(body, { replace: ['/description'] });
    const members = replacedMembers(operations, {});
    const asked = readFields(clientCertificateFields, members, 'update', context.lenient);
    const document =
      operations.length === 0 ? before : patch(clientCertificateFields, before, asked);
    return { document, answer: () => view(document) };
  });
}

async function remove({ context, params }: Call): Promise<void> {
  const id = params.clientcertificate_id!;
  await changeDocument(context, clientCertificateDocuments, id, async () => {
    await assertUnused(context, id);
    return { document: undefined, answer: () => undefined };
  });
}

async function assertUnused(context: ControlContext, id: string): Promise<void> {
  const stored = await context.store.list(API_PREFIX);
  const stages = stored.flatMap(({ value }) => {
    const { api, stages: all } = value as ApiDocument;
    return Object.values(all)
      .filter(({ clientCertificateId }) => clientCertificateId === id)
      .map(({ stageName }) => `${api.apiId}:${stageName}`);
  });
  if (stages.length === 0) return;
  throw conflict(
    'Cannot delete Client Certificate because it is referenced by the following Stages: ' +
      `[${stages.join(', ')}]`,
  );
}

/**
 * Throws for a certificate that is not there (strict mode). Returns it as it is, to be written along
 * with the stage that takes it: whoever deletes it at this moment tries again and finds the stage.
 */
export async function holdCertificate(
  context: ControlContext,
  id: string | undefined,
): Promise<Change[]> {
  if (!id) return [];
  const stored = await findStored(context, clientCertificateDocuments, id);
  if (stored) {
    const { document: value, version: expectedVersion } = stored;
    return [{ key: CLIENT_CERTIFICATE_PREFIX + id, value, expectedVersion }];
  }
  if (context.lenient) return [];
  throw badRequest(`Invalid Client Certificate identifier specified ${id}`);
}

const view = (certificate: ClientCertificate) => viewOf(clientCertificateFields, certificate);
