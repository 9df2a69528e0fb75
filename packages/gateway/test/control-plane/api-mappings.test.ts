import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { startControlPlane, useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const DomainName = 'ws.example.com';
const Stage = 'prod';
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
  await plane.aws.createStage({ ApiId, StageName: Stage });
  await plane.aws.createDomainName({ DomainName, DomainNameConfigurations: [{}] });
});

const create = (ApiMappingKey?: string, change: object = {}) =>
  plane.aws.createApiMapping({ DomainName, ApiId, Stage, ApiMappingKey, ...change });
const keyProblem = "An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()";
const noApi = badRequest('Invalid API identifier specified');
const noStage = badRequest('Invalid stage identifier specified');

describe('API mappings', () => {
  test('are created, read, changed and deleted', async () => {
    const { $metadata, ...created } = await create('chat');
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({
      ApiId,
      ApiMappingId: expect.stringMatching(/^[a-z0-9]{6}$/),
      ApiMappingKey: 'chat',
      Stage,
    });
    const one = { DomainName, ApiMappingId: created.ApiMappingId };
    expect(await plane.aws.getApiMapping(one)).toMatchObject(created);
    await plane.aws.createStage({ ApiId, StageName: 'test' });
    const change = { ...one, ApiId, ApiMappingKey: 'talk', Stage: 'test' };
    expect(await plane.aws.updateApiMapping(change)).toMatchObject({
      ApiMappingKey: 'talk',
      Stage: 'test',
    });
    expect((await plane.aws.getApiMappings({ DomainName })).Items).toEqual([
      { ...created, ApiMappingKey: 'talk', Stage: 'test' },
    ]);
    expect((await plane.aws.deleteApiMapping(one)).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(plane.aws.getApiMapping(one))).toEqual(
      notFound('ApiMapping', `Invalid ApiMapping identifier specified ${one.ApiMappingId}`),
    );
  });

  test('have an empty key when none is given, and show it', async () => {
    const { status, json } = await plane.send('POST', `/v2/domainnames/${DomainName}/apimappings`, {
      apiId: ApiId,
      stage: Stage,
    });
    expect(status).toBe(201);
    expect(json.apiMappingKey).toBe('');
  });

  test('have keys of their own in a domain', async () => {
    const taken = conflict('ApiMapping key already exists for this domain name');
    await create('once');
    expect(await refusal(create('once'))).toEqual(taken);
    const { ApiMappingId } = await create('twice');
    const change = { DomainName, ApiMappingId, ApiId, ApiMappingKey: 'once' };
    expect(await refusal(plane.aws.updateApiMapping(change))).toEqual(taken);
  });

  test.each([
    ['no API', { ApiId: '' }, noApi],
    ['an unknown API', { ApiId: 'nosuchapi0' }, noApi],
    ['an unknown stage', { Stage: 'nosuch' }, noStage],
    ['a slash in the key', { ApiMappingKey: 'a/b' }, badRequest(keyProblem)],
    ['an @ in the key', { ApiMappingKey: '@connections' }, badRequest(keyProblem)],
    [
      'a key of 301 characters',
      { ApiMappingKey: 'k'.repeat(301) },
      badRequest('Invalid apiMappingKey specified. Must be 0 to 300 characters long'),
    ],
  ])('with %s answer 400', async (_, change, expected) => {
    expect(await refusal(create('refused', change))).toEqual(expected);
  });

  test('name API and stage', async () => {
    const path = `/v2/domainnames/${DomainName}/apimappings`;
    const { json } = await plane.send('POST', path, { stage: Stage });
    expect(json.message).toBe('Invalid API identifier specified');
    const stageless = await plane.send('POST', path, { apiId: ApiId });
    expect(stageless.json.message).toBe('Invalid stage identifier specified');
  });

  test.each([`a0$-_.+!*'()`, 'k'.repeat(300)])('take the key %s', async (key) => {
    expect(await create(key)).toMatchObject({ ApiMappingKey: key });
  });

  test('are checked as they would be after a change', async () => {
    const { ApiMappingId } = await create('checked');
    const change = { DomainName, ApiMappingId, ApiId, Stage: 'nosuch' };
    expect(await refusal(plane.aws.updateApiMapping(change))).toEqual(noStage);
  });

  test('keep their API and their stage from being deleted', async () => {
    const api = { ApiId: await makeApi(plane) };
    for (const StageName of ['one', 'two']) await plane.aws.createStage({ ...api, StageName });
    const { ApiMappingId } = await create('held', { ...api, Stage: 'one' });
    expect(await refusal(plane.aws.deleteApi(api))).toEqual(
      badRequest(
        `Deleting API ${api.ApiId} failed. ` +
          'Please remove all API mappings for the API from your custom domain names.',
      ),
    );
    expect(await refusal(plane.aws.deleteStage({ ...api, StageName: 'one' }))).toEqual(
      badRequest(
        'Deleting stage one failed. ' +
          'Please remove all API mappings for the stage from your custom domain names.',
      ),
    );
    await plane.aws.deleteStage({ ...api, StageName: 'two' });
    await plane.aws.deleteApiMapping({ DomainName, ApiMappingId });
    await plane.aws.deleteStage({ ...api, StageName: 'one' });
    await plane.aws.deleteApi(api);
  });

  test('never point to an API that is being deleted at the same time', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const api = { ApiId: await makeApi(plane) };
      await plane.aws.createStage({ ...api, StageName: Stage });
      const [mapped, deleted] = await Promise.allSettled([
        create(`race${round}`, api),
        plane.aws.deleteApi(api),
      ]);
      expect([mapped.status, deleted.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });

  test('go anywhere in lenient mode, as long as their key can be part of an address', async () => {
    const lenient = await startControlPlane({ lenient: true });
    await lenient.aws.createDomainName({ DomainName });
    const mapping = { DomainName, ApiId: 'nosuchapi0', Stage: 'nosuch', ApiMappingKey: 'v1/chat' };
    expect(await lenient.aws.createApiMapping(mapping)).toMatchObject({ ApiMappingKey: 'v1/chat' });
    const at = lenient.aws.createApiMapping({ ...mapping, ApiMappingKey: '@connections' });
    expect(await refusal(at)).toEqual(badRequest(keyProblem));
    await lenient.close();
  });
});
