import { type APIGateway, NotFoundException, paginateGetUsage } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v1Operations } from '../../../src/control-plane/v1/operations.ts';
import { makeApi } from '../support/make.ts';
import { useControlPlane } from '../support/start-control-plane.ts';
import * as v1 from '../support/v1.ts';
import {
  balancer,
  makeApiKey,
  makeApiKeyIn,
  makeClientCertificate,
  makeUsagePlan,
  makeVpcLink,
  quota,
  startV1Sdk,
  type V1Sdk,
} from '../support/v1-sdk.ts';

/** What the AWS SDK's own client sends is understood, and what comes back it can read. */
const plane = useControlPlane();
let sdk: V1Sdk;
let aws: APIGateway;

// Made once; rows that would take something away from the others make their own first.
let apiStages: { apiId: string; stage: string }[];
let apiKey: string;
let usagePlanId: string;
let clientCertificateId: string;
let vpcLinkId: string;

beforeAll(async () => {
  sdk = startV1Sdk(plane);
  aws = sdk.aws;
  const apiId = await makeApi(plane);
  await plane.aws.createStage({ ApiId: apiId, StageName: 'prod' });
  apiStages = [{ apiId, stage: 'prod' }];
  usagePlanId = await makeUsagePlan(sdk);
  apiKey = await makeApiKeyIn(sdk, usagePlanId);
  clientCertificateId = await makeClientCertificate(sdk);
  vpcLinkId = await makeVpcLink(sdk);
});

afterAll(() => aws.destroy());

const created = new Date('2026-01-02T03:04:05Z');
const role = 'arn:aws:iam::123456789012:role/logs';
const value = (name: string) => `${name}-`.padEnd(30, '0');
const id = expect.stringMatching(/^[a-z0-9]{6}$/);
const keyId = expect.stringMatching(/^[a-z0-9]{10}$/);
const pem = expect.stringMatching(/^-----BEGIN CERTIFICATE-----\s/);
const among = (item: object) => ({
  items: expect.arrayContaining([expect.objectContaining(item)]),
});
const replace = (path: string, to: string) => ({
  patchOperations: [{ ...v1.replace(path, to), op: 'replace' as const }],
});
const arnOf = (key: string) => `arn:aws:apigateway:us-east-1::/apikeys/${key}`;

/** The status of success, the call to make, and what its answer has. */
type Row = [
  status: number,
  call: () => Promise<{ readonly $metadata: { readonly httpStatusCode?: number | undefined } }>,
  answer?: () => object,
];

const apiKeys: Record<string, Row> = {
  CreateApiKey: [
    201,
    () => aws.createApiKey({ name: 'desk', description: 'd', value: value('desk') }),
    () => ({
      id: keyId,
      name: 'desk',
      description: 'd',
      value: value('desk'),
      enabled: false,
      createdDate: created,
      lastUpdatedDate: created,
      stageKeys: [],
    }),
  ],
  GetApiKey: [
    200,
    () => aws.getApiKey({ apiKey, includeValue: true }),
    () => ({ id: apiKey, value: expect.stringMatching(/^.{20,}$/), createdDate: created }),
  ],
  GetApiKeys: [
    200,
    () => aws.getApiKeys({ nameQuery: 'mob', includeValues: true, limit: 500 }),
    () => among({ id: apiKey, name: 'mobile', value: expect.any(String) }),
  ],
  UpdateApiKey: [
    200,
    () => aws.updateApiKey({ apiKey, ...replace('/description', 'for phones') }),
    () => ({ id: apiKey, description: 'for phones' }),
  ],
  DeleteApiKey: [202, async () => aws.deleteApiKey({ apiKey: await makeApiKey(sdk) })],
  ImportApiKeys: [
    201,
    () => {
      const body = new TextEncoder().encode(`Name,Key\nfile,${value('file')}\nbad,short`);
      return aws.importApiKeys({ body, format: 'csv', failOnWarnings: false });
    },
    () => ({
      ids: [keyId],
      warnings: ['Line 3: API Key value should be at least 20 characters'],
    }),
  ],
};

const usagePlans: Record<string, Row> = {
  CreateUsagePlan: [
    201,
    () =>
      aws.createUsagePlan({
        name: 'silver',
        apiStages,
        throttle: { burstLimit: 2, rateLimit: 1.5 },
        quota,
        tags: { a: 'b' },
      }),
    () => ({
      id,
      name: 'silver',
      apiStages,
      throttle: { burstLimit: 2, rateLimit: 1.5 },
      quota: { ...quota, offset: 0 },
      tags: { a: 'b' },
    }),
  ],
  GetUsagePlan: [
    200,
    () => aws.getUsagePlan({ usagePlanId }),
    () => ({ id: usagePlanId, name: 'gold', quota: { ...quota, offset: 0 } }),
  ],
  GetUsagePlans: [
    200,
    () => aws.getUsagePlans({ keyId: apiKey }),
    () => ({ items: [expect.objectContaining({ id: usagePlanId })] }),
  ],
  UpdateUsagePlan: [
    200,
    () => aws.updateUsagePlan({ usagePlanId, ...replace('/throttle/rateLimit', '2.5') }),
    () => ({ id: usagePlanId, throttle: { rateLimit: 2.5 } }),
  ],
  DeleteUsagePlan: [
    202,
    async () => aws.deleteUsagePlan({ usagePlanId: await makeUsagePlan(sdk) }),
  ],
  CreateUsagePlanKey: [
    201,
    async () => {
      const key = await makeApiKey(sdk);
      return aws.createUsagePlanKey({ usagePlanId, keyId: key, keyType: 'API_KEY' });
    },
    () => ({ id: keyId, type: 'API_KEY', name: 'mobile', value: expect.any(String) }),
  ],
  GetUsagePlanKey: [
    200,
    () => aws.getUsagePlanKey({ usagePlanId, keyId: apiKey }),
    () => ({ id: apiKey, type: 'API_KEY', name: 'mobile' }),
  ],
  GetUsagePlanKeys: [
    200,
    () => aws.getUsagePlanKeys({ usagePlanId, nameQuery: 'mob' }),
    () => among({ id: apiKey }),
  ],
  DeleteUsagePlanKey: [
    202,
    async () =>
      aws.deleteUsagePlanKey({ usagePlanId, keyId: await makeApiKeyIn(sdk, usagePlanId) }),
  ],
  GetUsage: [
    200,
    () =>
      aws.getUsage({
        usagePlanId,
        keyId: apiKey,
        startDate: '2026-01-01',
        endDate: '2026-01-02',
      }),
    () => ({
      usagePlanId,
      startDate: '2026-01-01',
      endDate: '2026-01-02',
      items: {
        [apiKey]: [
          [0, 10],
          [0, 10],
        ],
      },
    }),
  ],
  UpdateUsage: [
    200,
    async () => {
      const key = await makeApiKeyIn(sdk, usagePlanId);
      const answer = await aws.updateUsage({
        usagePlanId,
        keyId: key,
        ...replace('/remaining', '25'),
      });
      expect(answer.items).toEqual({ [key]: [[0, 25]] });
      return answer;
    },
    () => ({ usagePlanId, startDate: '2026-01-02', endDate: '2026-01-02' }),
  ],
};

const theRest: Record<string, Row> = {
  GetAccount: [
    200,
    () => aws.getAccount({}),
    () => ({ throttleSettings: { burstLimit: 5000, rateLimit: 10_000 }, apiKeyVersion: '4' }),
  ],
  UpdateAccount: [
    200,
    () => aws.updateAccount(replace('/cloudwatchRoleArn', role)),
    () => ({ cloudwatchRoleArn: role, features: ['UsagePlans'] }),
  ],
  GenerateClientCertificate: [
    201,
    () => aws.generateClientCertificate({ description: 'mine', tags: { a: 'b' } }),
    () => ({
      clientCertificateId: id,
      description: 'mine',
      pemEncodedCertificate: pem,
      createdDate: created,
      expirationDate: new Date('2027-01-02T03:04:05Z'),
      tags: { a: 'b' },
    }),
  ],
  GetClientCertificate: [
    200,
    () => aws.getClientCertificate({ clientCertificateId }),
    () => ({ clientCertificateId, pemEncodedCertificate: pem }),
  ],
  GetClientCertificates: [
    200,
    () => aws.getClientCertificates({}),
    () => among({ clientCertificateId }),
  ],
  UpdateClientCertificate: [
    200,
    () => aws.updateClientCertificate({ clientCertificateId, ...replace('/description', 'new') }),
    () => ({ clientCertificateId, description: 'new' }),
  ],
  DeleteClientCertificate: [
    202,
    async () =>
      aws.deleteClientCertificate({ clientCertificateId: await makeClientCertificate(sdk) }),
  ],
  CreateVpcLink: [
    202,
    () => aws.createVpcLink({ name: 'other', targetArns: [balancer] }),
    () => ({ id, name: 'other', targetArns: [balancer], status: 'AVAILABLE' }),
  ],
  GetVpcLink: [200, () => aws.getVpcLink({ vpcLinkId }), () => ({ id: vpcLinkId })],
  GetVpcLinks: [200, () => aws.getVpcLinks({}), () => among({ id: vpcLinkId })],
  UpdateVpcLink: [
    200,
    () => aws.updateVpcLink({ vpcLinkId, ...replace('/description', 'new') }),
    () => ({ id: vpcLinkId, description: 'new' }),
  ],
  DeleteVpcLink: [202, async () => aws.deleteVpcLink({ vpcLinkId: await makeVpcLink(sdk) })],
  TagResource: [204, () => aws.tagResource({ resourceArn: arnOf(apiKey), tags: { c: 'd' } })],
  GetTags: [200, () => aws.getTags({ resourceArn: arnOf(apiKey) }), () => ({ tags: { a: 'b' } })],
  UntagResource: [
    204,
    async () => aws.untagResource({ resourceArn: arnOf(await makeApiKey(sdk)), tagKeys: ['a'] }),
  ],
};

const rows = Object.entries({ ...apiKeys, ...usagePlans, ...theRest });

describe("The AWS SDK's client of the v1 API", () => {
  test.each(rows)('calls %s', async (name, [status, call, answer]) => {
    const { $metadata, ...body } = await call();
    expect(sdk.called.at(-1)).toBe(name);
    expect($metadata.httpStatusCode).toBe(status);
    if (answer) expect(body).toMatchObject(answer());
    else expect(body).toEqual({});
  });

  test('calls every operation there is', () => {
    const names = v1Operations
      .flatMap((row) => [row, row.instead?.(new URLSearchParams('mode=import')) ?? row])
      .map((row) => row.operation);
    expect(rows.map(([name]) => name).sort()).toEqual([...new Set(names)].sort());
  });

  test('reads the tags it has put, without those it has taken away', async () => {
    const resourceArn = arnOf(await makeApiKey(sdk));
    await aws.tagResource({ resourceArn, tags: { c: 'd' } });
    await aws.untagResource({ resourceArn, tagKeys: ['a'] });
    expect((await aws.getTags({ resourceArn })).tags).toEqual({ c: 'd' });
  });

  test('does not find what it has deleted', async () => {
    const key = await makeApiKey(sdk);
    await aws.createUsagePlanKey({ usagePlanId, keyId: key, keyType: 'API_KEY' });
    await aws.deleteUsagePlanKey({ usagePlanId, keyId: key });
    await expect(aws.getUsagePlanKey({ usagePlanId, keyId: key })).rejects.toThrow(
      NotFoundException,
    );
    await aws.deleteApiKey({ apiKey: key });
    await expect(aws.getApiKey({ apiKey: key })).rejects.toThrow(NotFoundException);
    const plan = { usagePlanId: await makeUsagePlan(sdk) };
    await aws.deleteUsagePlan(plan);
    await expect(aws.getUsagePlan(plan)).rejects.toThrow(NotFoundException);
    const certificate = { clientCertificateId: await makeClientCertificate(sdk) };
    await aws.deleteClientCertificate(certificate);
    await expect(aws.getClientCertificate(certificate)).rejects.toThrow(NotFoundException);
    const link = { vpcLinkId: await makeVpcLink(sdk) };
    await aws.deleteVpcLink(link);
    await expect(aws.getVpcLink(link)).rejects.toThrow(NotFoundException);
  });

  test('pages through the usage of a plan', async () => {
    const keys = [await makeApiKeyIn(sdk, usagePlanId), await makeApiKeyIn(sdk, usagePlanId)];
    const days = { startDate: '2026-01-02', endDate: '2026-01-02' };
    const found: string[] = [];
    const pages = paginateGetUsage({ client: aws, pageSize: 1 }, { usagePlanId, ...days });
    for await (const { items } of pages) {
      expect(Object.keys(items ?? {}).length).toBeLessThanOrEqual(1);
      found.push(...Object.keys(items ?? {}));
    }
    expect(found).toEqual(expect.arrayContaining([apiKey, ...keys]));
    expect(new Set(found).size).toBe(found.length);
  });
});
