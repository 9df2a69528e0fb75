import { shortId } from '../ambient/ids.ts';
import {
  type DomainDocument,
  type DomainName,
  domainNameFields,
  settleDomainName,
} from '../resources/domain-name.ts';
import { createFrom, patch } from '../resources/patch.ts';
import { badRequest } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { viewOf } from '../resources/view.ts';
import { limits } from '../wire/limits.ts';
import { assertRoomFor } from './account-quota.ts';
import { changeDocument, createDocument, listDocuments, readDocument } from './document-store.ts';
import { domainDocuments } from './domain-store.ts';
import type { Call, ControlContext, Operation } from './operation.ts';

const path = '/v2/domainnames';
const one = `${path}/{domainName}`;

export const domainNameOperations: Operation[] = [
  { operation: 'GetDomainNames', method: 'GET', path, status: 200, handler: getDomainNames },
  { operation: 'CreateDomainName', method: 'POST', path, status: 201, handler: createDomainName },
  {
    operation: 'DeleteDomainName',
    method: 'DELETE',
    path: one,
    status: 204,
    handler: deleteDomainName,
  },
  { operation: 'GetDomainName', method: 'GET', path: one, status: 200, handler: getDomainName },
  {
    operation: 'UpdateDomainName',
    method: 'PATCH',
    path: one,
    status: 200,
    handler: updateDomainName,
  },
];

/** The zone of `apiGatewayDomainName`, for DNS aliases. Amazon's of us-east-1. */
const HOSTED_ZONE_ID = 'Z1UJRXOUMOOFQ8';

function getDomainNames(call: Call) {
  return listDocuments<DomainDocument>(call, domainDocuments, ({ domain }) =>
    view(call.context, domain),
  );
}

async function createDomainName({ context, body }: Call) {
  const asked = readFields(domainNameFields, body, 'create', context.lenient);
  const apiMappingSelectionExpression = '$request.basepath';
  const draft = createFrom(domainNameFields, { apiMappingSelectionExpression }, asked);
  const name = `d-${shortId(context.random, 10)}.execute-api.${context.region}.amazonaws.com`;
  const given = { apiGatewayDomainName: name, hostedZoneId: HOSTED_ZONE_ID };
  const domain = settleDomainName(draft, given, context.lenient);
  await assertRoomFor(context, domainDocuments, limits.domainNamesPerAccountMax);
  const document: DomainDocument = { domain, apiMappings: {}, routingRules: {} };
  if (await createDocument(context, domainDocuments, domain.domainName, document)) {
    return view(context, domain);
  }
  throw badRequest('The domain name you provided already exists.');
}

async function getDomainName({ context, params }: Call) {
  const { domain } = await readDocument(context, domainDocuments, params.domainName!);
  return view(context, domain);
}

function updateDomainName({ context, params, body }: Call) {
  return changeDocument(context, domainDocuments, params.domainName!, (document) => {
    const asked = readFields(domainNameFields, body, 'update', context.lenient);
    if (Object.keys(asked).length === 0) {
      return { document, answer: () => view(context, document.domain) };
    }
    const [given] = document.domain.domainNameConfigurations;
    const { apiGatewayDomainName, hostedZoneId } = given!;
    const domain = settleDomainName(
      patch(domainNameFields, document.domain, asked),
      { apiGatewayDomainName, hostedZoneId },
      context.lenient,
    );
    return { document: { ...document, domain }, answer: () => view(context, domain) };
  });
}

/** The domain with its mappings and rules. */
async function deleteDomainName({ context, params }: Call): Promise<void> {
  await changeDocument(context, domainDocuments, params.domainName!, () => ({
    document: undefined,
    answer: () => undefined,
  }));
}

function view({ region }: ControlContext, domain: DomainName) {
  const domainNameArn = `arn:aws:apigateway:${region}::/domainnames/${domain.domainName}`;
  return viewOf(domainNameFields, domain, { domainNameArn });
}
