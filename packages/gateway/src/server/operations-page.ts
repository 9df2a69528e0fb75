import { httpOnlyOperations } from '../control-plane/http-only.ts';
import type { Operation } from '../control-plane/operation.ts';
import { operations } from '../control-plane/operations.ts';
import { accountFields } from '../resources/account.ts';
import { apiFields } from '../resources/api.ts';
import { apiKeyFields } from '../resources/api-key.ts';
import { apiMappingFields } from '../resources/api-mapping.ts';
import { authorizerFields } from '../resources/authorizer.ts';
import { clientCertificateFields } from '../resources/client-certificate.ts';
import { deploymentFields } from '../resources/deployment.ts';
import { domainNameFields } from '../resources/domain-name.ts';
import type { Field } from '../resources/field.ts';
import { integrationFields } from '../resources/integration.ts';
import { integrationResponseFields } from '../resources/integration-response.ts';
import { modelFields } from '../resources/model.ts';
import { networkLinkFields } from '../resources/network-link.ts';
import { routeFields } from '../resources/route.ts';
import { routeResponseFields } from '../resources/route-response.ts';
import { routingRuleFields } from '../resources/routing-rule.ts';
import { stageFields } from '../resources/stage.ts';
import { usagePlanFields } from '../resources/usage-plan.ts';
import { vpcLinkFields } from '../resources/vpc-link.ts';
import { fieldRows } from './field-rows.ts';

interface Table {
  readonly noun: string;
  readonly fields: readonly Field[];
  readonly given: readonly string[];
}

/** The tables requests are read by, under the API they belong to. */
const tables: Readonly<Record<'apigatewayv2' | 'apigateway', readonly Table[]>> = {
  apigatewayv2: [
    apiFields,
    routeFields,
    routeResponseFields,
    integrationFields,
    integrationResponseFields,
    modelFields,
    authorizerFields,
    deploymentFields,
    stageFields,
    domainNameFields,
    apiMappingFields,
    routingRuleFields,
    vpcLinkFields,
  ],
  apigateway: [
    apiKeyFields,
    usagePlanFields,
    accountFields,
    clientCertificateFields,
    networkLinkFields,
  ],
};

/** `docs/operations.md`, from the tables of operations and of fields. */
export function operationsPage(): string {
  const isV2 = ({ path }: Operation) => path.startsWith('/v2/');
  const rows = [...operations, ...insteadOfOthers()];
  return `${INTRODUCTION}
## apigatewayv2

${operationTable(rows.filter(isV2))}
${tables.apigatewayv2.map(fieldSection).join('\n')}
## apigateway

Of the API before \`apigatewayv2\`, what WebSocket APIs need. A PATCH is a list of JSON patch operations.

${operationTable(rows.filter((row) => !isV2(row)))}
${tables.apigateway.map(fieldSection).join('\n')}`;
}

/** Operations that share method and path with another and are told apart by the query. */
function insteadOfOthers(): Operation[] {
  const query = 'mode=import';
  return operations.flatMap((row) => {
    const other = row.instead?.(new URLSearchParams(query));
    return other ? [{ ...other, path: `${other.path}?${query}` }] : [];
  });
}

function operationTable(rows: readonly Operation[]): string {
  // GetApi has a second row, for an empty id.
  const lines = rows
    .filter(({ path }) => !path.endsWith('/'))
    .map((row) => `| ${row.operation} | \`${row.method} ${row.path}\` | ${answerOf(row)} |`);
  return `| operation | request | answers |\n|---|---|---|\n${lines.join('\n')}\n`;
}

function answerOf(row: Operation): string {
  return httpOnlyOperations.includes(row) ? '400: for HTTP APIs' : String(row.status);
}

function fieldSection({ noun, fields, given }: Table): string {
  const requests = {
    isCreated: operations.some(
      ({ operation }) => /^(?:Create|Generate)/.test(operation) && operation.endsWith(noun),
    ),
    isReplaced: operations.some(({ operation }) => operation === `Put${noun}`),
  };
  const shown = given.map((name) => `\`${name}\``).join(', ');
  const also = shown === '' ? '' : `\nAnswers show beside them: ${shown}.\n`;
  return `### ${noun}

| field | type | create | update | default | |
|---|---|---|---|---|---|
${fieldRows(fields, requests).join('\n')}
${also}`;
}

const INTRODUCTION = `# Operations of the control plane

<!-- Made from the tables requests are served by (packages/gateway/src/control-plane/operations.ts and
packages/gateway/src/resources). A test holds this page to them; to renew the page:
npx vitest run -u packages/gateway/test/server/operations-page.test.ts -->

What \`aws apigatewayv2\`, \`aws apigateway\`, the SDKs and Terraform may ask for. A field that is not
listed is ignored. What a combination of fields must fulfil beyond its row is said when it does not, in the
words of AWS; \`--lenient\` checks types, sets of words and sizes only. Words that belong to other kinds of API
(\`HTTP\`, \`JWT\`, \`EDGE\`) are known in order to be refused by name.

In a PATCH a field that is left out stays as it is. Maps take the entries of the request and keep their
others; a text marked *cleared by ""* is gone when it is empty.
`;
