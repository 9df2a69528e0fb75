import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { operations } from '../../src/control-plane/operations.ts';
import { apiFields } from '../../src/resources/api.ts';
import { apiKeyFields } from '../../src/resources/api-key.ts';
import { apiMappingFields } from '../../src/resources/api-mapping.ts';
import { authorizerFields } from '../../src/resources/authorizer.ts';
import { clientCertificateFields } from '../../src/resources/client-certificate.ts';
import { deploymentFields } from '../../src/resources/deployment.ts';
import { domainNameFields } from '../../src/resources/domain-name.ts';
import { integrationFields } from '../../src/resources/integration.ts';
import { integrationResponseFields } from '../../src/resources/integration-response.ts';
import { modelFields } from '../../src/resources/model.ts';
import { networkLinkFields } from '../../src/resources/network-link.ts';
import { routeFields } from '../../src/resources/route.ts';
import { routeResponseFields } from '../../src/resources/route-response.ts';
import { routingRuleFields } from '../../src/resources/routing-rule.ts';
import { stageFields } from '../../src/resources/stage.ts';
import { usagePlanFields } from '../../src/resources/usage-plan.ts';
import { vpcLinkFields } from '../../src/resources/vpc-link.ts';
import { makeApi, makeAuthorizer, makeIntegration, makeRoute } from './support/make.ts';
import { useControlPlane } from './support/start-control-plane.ts';

/**
 * Whatever a caller sends to any operation, the answer is the caller's success or the caller's
 * mistake. Bodies are made of real field names and of values that are nearly right, in both modes.
 */
const strict = useControlPlane();
const lenient = useControlPlane({ lenient: true });
const planes = [strict, lenient];

const tables = [
  apiFields,
  deploymentFields,
  integrationFields,
  routeFields,
  routeResponseFields,
  stageFields,
  integrationResponseFields,
  modelFields,
  authorizerFields,
  domainNameFields,
  apiMappingFields,
  routingRuleFields,
  vpcLinkFields,
  apiKeyFields,
  usagePlanFields,
  clientCertificateFields,
  networkLinkFields,
];
const fieldNames = tables.flatMap((table) => table.fields.map((field) => field.name as string));
const words = tables.flatMap((table) =>
  table.fields.flatMap((field) => (field.kind === 'text' && field.oneOf ? [...field.oneOf] : [])),
);
const text = fc.oneof(
  fc.constantFrom(...words, '', '$default', '$connect', 'prod', '__proto__', 'http://h/{a}'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const name = fc.oneof(fc.constantFrom(...fieldNames, '__proto__', 'tags', 'required'), text);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constantFrom<unknown>(null, true, false, 0, -1, 50, 29_000, 1e308, 0.1),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3 }),
  ),
})).any;
const patchOperation = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'copy', ''),
  path: fc.oneof(
    fc.constantFrom('/name', '/description', '/apiStages', '/quota/limit', '/quota', '/throttle'),
    text,
  ),
  value: fc.oneof(fc.constantFrom('1', 'true', 'a:b'), text),
});
const body = fc.oneof(
  fc.dictionary(name, value, { maxKeys: 6 }),
  fc.record({ patchOperations: fc.oneof(fc.array(patchOperation, { maxLength: 4 }), value) }),
);
const query = fc.dictionary(
  fc.constantFrom('maxResults', 'nextToken', 'limit', 'position', 'tagKeys', 'mode', 'format', 'x'),
  fc.oneof(fc.constantFrom('import', 'csv', '2'), text),
);

const ids: Record<string, string>[] = [];
const domainName = 'ws.example.com';
beforeAll(async () => {
  for (const plane of planes) {
    const apiId = await makeApi(plane);
    const routeId = await makeRoute(plane, apiId);
    const integrationId = await makeIntegration(plane, apiId);
    const authorizerId = await makeAuthorizer(plane, apiId);
    const model = await plane.aws.createModel({ ApiId: apiId, Name: 'Any', Schema: '{}' });
    ids.push({ apiId, routeId, integrationId, authorizerId, modelId: model.ModelId! });
    await plane.aws.createStage({ ApiId: apiId, StageName: 'prod', AutoDeploy: true });
    const { json: plan } = await plane.send('POST', '/usageplans', { name: 'x' });
    const { json: key } = await plane.send('POST', '/apikeys', {});
    Object.assign(ids.at(-1)!, { usageplanId: plan.id, api_Key: key.id, keyId: key.id });
    await plane.aws.createDomainName({ DomainName: domainName, DomainNameConfigurations: [{}] });
  }
});

// The shared API and domain must stay there for the other cases.
const targets = operations.filter((row) => !/^Delete(?:Api|DomainName)$/.test(row.operation));

test('no input to any operation is a failure of the server', async () => {
  const input = fc.tuple(fc.nat(planes.length - 1), fc.constantFrom(...targets), body, query, text);
  await fc.assert(
    fc.asyncProperty(input, async ([at, row, fields, parameters, segment]) => {
      const known: Record<string, string> = { ...ids[at], stageName: 'prod', domainName };
      const path = row.path.replaceAll(/\{([^}]+)\}/g, (_, parameter: string) =>
        encodeURIComponent(known[parameter] ?? (segment || 'x')),
      );
      const search = new URLSearchParams(parameters);
      const sent = row.method === 'GET' || row.method === 'DELETE' ? undefined : fields;
      const { status, text: answer } = await planes[at]!.send(
        row.method,
        `${path}?${search}`,
        sent,
      );
      expect(status, `${row.method} ${path} ${JSON.stringify(fields)}: ${answer}`).toBeLessThan(
        500,
      );
    }),
    { numRuns: 400 },
  );
});
