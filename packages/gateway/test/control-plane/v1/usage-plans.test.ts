import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi } from '../support/make.ts';
import { startControlPlane, useControlPlane } from '../support/start-control-plane.ts';
import {
  add,
  badRequest,
  conflict,
  limitExceeded,
  notFound,
  outcome,
  patch,
  remove,
  replace,
} from '../support/v1.ts';

const plane = useControlPlane();
let ApiId: string;
let apiStages: { apiId: string; stage: string }[];
beforeAll(async () => {
  ApiId = await makeApi(plane);
  for (const StageName of ['prod', 'test']) await plane.aws.createStage({ ApiId, StageName });
  apiStages = [{ apiId: ApiId, stage: 'prod' }];
});

const create = async (body: object = {}) =>
  plane.send('POST', '/usageplans', { name: 'basic', ...body });
const make = async (body: object = {}) => (await create(body)).json.id as string;
const read = async (id: string) => (await plane.send('GET', `/usageplans/${id}`)).json;
const makeKey = async () => (await plane.send('POST', '/apikeys', {})).json.id as string;
const join = (planId: string, keyId: string) =>
  plane.send('POST', `/usageplans/${planId}/keys`, { keyId, keyType: 'API_KEY' });
const unknown = notFound('Invalid Usage Plan ID specified');
const unknownKey = notFound('Invalid API Key identifier specified');
const invalidLimit = 'Usage Plan quota limit must be a non-negative numeric';
const invalidPeriod =
  'Invalid Usage Plan quota period specified. Must be one of [DAY, WEEK, MONTH]';
const offsetProblem = (max: number, period: string) =>
  `Usage Plan quota offset must be between 0 and ${max} inclusive in the ${period} period`;

describe('Usage plans', () => {
  test('are created, read, listed and deleted', async () => {
    const given = {
      name: 'gold',
      description: 'for the best',
      apiStages,
      throttle: { burstLimit: 10, rateLimit: 2.5 },
      quota: { limit: 1000, offset: 27, period: 'MONTH' },
      tags: { a: 'b' },
    };
    const { status, json } = await create(given);
    expect(status).toBe(201);
    expect(json).toEqual({ id: expect.stringMatching(/^[a-z0-9]{6}$/), ...given });
    expect(await read(json.id)).toEqual(json);
    const list = await plane.send('GET', '/usageplans?limit=500');
    expect(list.json.item).toContainEqual(json);
    const removal = () => plane.send('DELETE', `/usageplans/${json.id}`);
    expect(outcome(await removal())).toEqual(
      badRequest(
        `Cannot delete Usage Plan ${json.id} because there are API Stages associated with it, ` +
          `including ${ApiId}:prod`,
      ),
    );
    await patch(plane, `/usageplans/${json.id}`, remove('/apiStages', `${ApiId}:prod`));
    const removed = await removal();
    expect([removed.status, removed.text]).toEqual([202, '']);
    expect(outcome(await removal())).toEqual(unknown);
    expect(outcome(await plane.send('GET', `/usageplans/${json.id}`))).toEqual(unknown);
    expect(outcome(await patch(plane, `/usageplans/${json.id}`))).toEqual(unknown);
  });

  test('need no more than a name', async () => {
    const { json } = await create({ name: 'bare', quota: { limit: 1, period: 'DAY' } });
    expect(json).toEqual({
      id: json.id,
      name: 'bare',
      apiStages: [],
      quota: { limit: 1, offset: 0, period: 'DAY' },
    });
  });

  test.each([
    [{ name: undefined }, 'Usage Plan name is required'],
    [{ name: '' }, 'Invalid name specified. Must be 1 to 1024 characters long'],
    [{ quota: { limit: 0, period: 'DAY' } }, invalidLimit],
    [{ quota: { period: 'DAY' } }, invalidLimit],
    [{ quota: { limit: 1 } }, invalidPeriod],
    [{ quota: { limit: 1, period: 'YEAR' } }, invalidPeriod],
    [{ quota: { limit: 1, offset: 1, period: 'DAY' } }, offsetProblem(0, 'DAY')],
    [{ quota: { limit: 1, offset: 7, period: 'WEEK' } }, offsetProblem(6, 'WEEK')],
    [{ quota: { limit: 1, offset: 28, period: 'MONTH' } }, offsetProblem(27, 'MONTH')],
    [{ quota: { limit: 1, offset: -1, period: 'WEEK' } }, offsetProblem(6, 'WEEK')],
    [
      { throttle: { rateLimit: -1 } },
      'Invalid throttle.rateLimit specified. Must be between 0 and 9007199254740991',
    ],
    [
      { throttle: { burstLimit: 0.5 } },
      'Invalid throttle.burstLimit specified. Must be a whole number',
    ],
    [
      { apiStages: [{ apiId: 'abc' }] },
      'Invalid API Stage {api: abc, stage: } specified for usageplan basic',
    ],
    [
      { apiStages: [{ stage: 'prod' }] },
      'Invalid API Stage {api: , stage: prod} specified for usageplan basic',
    ],
    [
      { apiStages: [{ apiId: 'abc', stage: 'prod', throttle: { '/a/GET': { rateLimit: 1 } } }] },
      'Throttling of methods is not supported for WEBSOCKET protocolType',
    ],
  ])('are refused with %j', async (body, message) => {
    expect(outcome(await create(body))).toEqual(badRequest(message));
  });

  test('name stages that are there', async () => {
    const missing = (stage: string) => notFound(`API Stage not found: ${stage}`);
    expect(outcome(await create({ apiStages: [{ apiId: 'nosuch', stage: 'prod' }] }))).toEqual(
      missing('nosuch:prod'),
    );
    const id = await make();
    const change = add('/apiStages', `${ApiId}:nosuch`);
    expect(outcome(await patch(plane, `/usageplans/${id}`, change))).toEqual(
      missing(`${ApiId}:nosuch`),
    );
    expect((await read(id)).apiStages).toEqual([]);
  });

  test('are changed by operations, one after the other', async () => {
    const id = await make({ description: 'gone', throttle: { rateLimit: 1 } });
    const { status, json } = await patch(
      plane,
      `/usageplans/${id}`,
      replace('/name', 'changed'),
      replace('/description', ''),
      replace('/productCode', 'code'),
      add('/apiStages', `${ApiId}:prod`),
      add('/apiStages', `${ApiId}:test`),
      add('/apiStages', `${ApiId}:test`),
      remove('/apiStages', `${ApiId}:prod`),
      replace('/throttle/burstLimit', '5'),
      replace('/throttle/rateLimit', '2.5'),
      replace('/quota/limit', '10'),
      replace('/quota/offset', '6'),
      replace('/quota/period', 'WEEK'),
    );
    expect(status).toBe(200);
    expect(json).toEqual({
      id,
      name: 'changed',
      productCode: 'code',
      apiStages: [{ apiId: ApiId, stage: 'test' }],
      throttle: { burstLimit: 5, rateLimit: 2.5 },
      quota: { limit: 10, offset: 6, period: 'WEEK' },
    });
    const after = await patch(
      plane,
      `/usageplans/${id}`,
      remove('/throttle'),
      remove('/quota'),
      remove('/productCode'),
    );
    expect(after.json).toEqual({ id, name: 'changed', apiStages: json.apiStages });
    expect((await patch(plane, `/usageplans/${id}`)).json).toEqual(after.json);
    await patch(plane, `/usageplans/${id}`, remove('/apiStages', `${ApiId}:test`));
  });

  test.each([
    [replace('/id', 'x'), /^Invalid patch path {2}'\/id' specified for op 'replace'\. Must be one/],
    [remove('/name'), /^Invalid patch path {2}'\/name' specified for op 'remove'\. Must be one of/],
    [add('/apiStages', 'abc'), /^Invalid API Stage specified$/],
    [add('/apiStages', 'a:b:c'), /^Invalid API Stage specified$/],
    [remove('/apiStages', 'abc:prod'), /^Invalid API Stage specified$/],
    [replace('/quota/limit', 'ten'), /^Invalid quota.limit specified. Must be a whole number$/],
    [replace('/quota/limit', '10'), /^Invalid Usage Plan quota period specified/],
    [replace('/name', ''), /^Invalid name specified. Must be 1 to 1024 characters long$/],
  ])('refuse the operation %j', async (operation, message) => {
    const id = await make();
    const answer = outcome(await patch(plane, `/usageplans/${id}`, operation));
    expect(answer).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });

  test('lose the stages and the APIs that are deleted', async () => {
    const api = { ApiId: await makeApi(plane) };
    for (const StageName of ['a', 'b']) await plane.aws.createStage({ ...api, StageName });
    const stages = ['a', 'b'].map((stage) => ({ apiId: api.ApiId, stage }));
    const id = await make({ apiStages: [...stages, ...apiStages] });
    await plane.aws.deleteStage({ ...api, StageName: 'a' });
    expect((await read(id)).apiStages).toEqual([stages[1], ...apiStages]);
    await plane.aws.deleteApi(api);
    expect((await read(id)).apiStages).toEqual(apiStages);
  });

  test('never hold a stage that is being deleted at the same time', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const api = { ApiId: await makeApi(plane) };
      await plane.aws.createStage({ ...api, StageName: 'prod' });
      const [made] = await Promise.all([
        create({ apiStages: [{ apiId: api.ApiId, stage: 'prod' }] }),
        plane.aws.deleteApi(api),
      ]);
      if (made.status === 201) expect((await read(made.json.id)).apiStages).toEqual([]);
      else expect(made.status).toBe(404);
    }
  });

  test('are at most 300 to an account', async () => {
    const other = await startControlPlane();
    const plan = { name: 'x', apiStages: [], keyIds: [] };
    const plans = Object.fromEntries(
      Array.from({ length: 299 }, (_, at) => [`copy${at}`, { id: `copy${at}`, ...plan }]),
    );
    await other.store.commit([{ key: 'usageplans/all', value: { plans }, expectedVersion: 0 }]);
    const made = () => other.send('POST', '/usageplans', { name: 'more' });
    expect((await made()).status).toBe(201);
    expect(outcome(await made())).toEqual(limitExceeded('Usage Plans', 'account'));
    const first = (await other.send('GET', '/usageplans?limit=200')).json;
    const { position } = first;
    const rest = (await other.send('GET', `/usageplans?limit=200&position=${position}`)).json;
    expect([first.item.length, rest.item.length, rest.position]).toEqual([200, 100, undefined]);
    await other.close();
  });

  test('take any stage in lenient mode, and throttling of methods', async () => {
    const lenient = await startControlPlane({ lenient: true });
    const stages = [{ apiId: 'nosuch', stage: 'prod', throttle: { '/a/GET': { rateLimit: 1 } } }];
    const { json } = await lenient.send('POST', '/usageplans', { name: 'x', apiStages: stages });
    expect(json.apiStages).toEqual(stages);
    await lenient.close();
  });
});

describe('Keys of a usage plan', () => {
  test('come, are shown and go', async () => {
    const [id, keyId] = [await make(), await makeKey()];
    await patch(plane, `/apikeys/${keyId}`, replace('/name', 'mobile'));
    const joined = await join(id, keyId);
    expect(joined.status).toBe(201);
    expect(joined.json).toEqual({
      id: keyId,
      name: 'mobile',
      type: 'API_KEY',
      value: expect.stringMatching(/^[a-z0-9]{40}$/),
    });
    const nameless = await makeKey();
    await join(id, nameless);
    const path = `/usageplans/${id}/keys`;
    expect((await plane.send('GET', `${path}/${keyId}`)).json).toEqual(joined.json);
    expect((await plane.send('GET', path)).json.item).toHaveLength(2);
    expect((await plane.send('GET', `${path}?name=mob`)).json.item).toEqual([joined.json]);
    expect((await plane.send('GET', `/usageplans?keyId=${keyId}`)).json.item).toMatchObject([
      { id },
    ]);
    expect((await plane.send('DELETE', `${path}/${keyId}`)).status).toBe(202);
    for (const method of ['GET', 'DELETE']) {
      expect(outcome(await plane.send(method, `${path}/${keyId}`))).toEqual(unknownKey);
    }
    await plane.send('DELETE', `/apikeys/${nameless}`);
    expect((await plane.send('GET', path)).json).toEqual({ item: [] });
  });

  test('are in a plan once', async () => {
    const [id, keyId] = [await make(), await makeKey()];
    await join(id, keyId);
    expect(outcome(await join(id, keyId))).toEqual(conflict('Usage Plan Key already exists'));
  });

  test('are in one plan only for one stage', async () => {
    const keyId = await makeKey();
    const [first, second] = [await make({ apiStages }), await make()];
    await join(first, keyId);
    await join(second, keyId);
    const twice = conflict(
      'API Key cannot reference multiple Usage Plans with the same API stages: ' +
        `Key: ${keyId} Stage: ${ApiId}:prod`,
    );
    const change = add('/apiStages', `${ApiId}:prod`);
    expect(outcome(await patch(plane, `/usageplans/${second}`, change))).toEqual(twice);
    const third = await make({ apiStages });
    expect(outcome(await join(third, keyId))).toEqual(twice);
  });

  test('are in ten plans at most', async () => {
    const keyId = await makeKey();
    for (let at = 1; at <= 10; at += 1) expect((await join(await make(), keyId)).status).toBe(201);
    expect(outcome(await join(await make(), keyId))).toEqual(
      limitExceeded('Usage Plans', 'API Key'),
    );
  });

  test.each([
    [{ keyType: 'API_KEY' }, badRequest('Invalid API Key identifier specified')],
    [{ keyId: 'x' }, badRequest('Invalid keyType specified. Must be one of [API_KEY]')],
    [
      { keyId: 'x', keyType: 'USER' },
      badRequest('Invalid keyType specified. Must be one of [API_KEY]'),
    ],
    [{ keyId: 'nosuch', keyType: 'API_KEY' }, unknownKey],
  ])('are refused with %j', async (body, expected) => {
    const id = await make();
    expect(outcome(await plane.send('POST', `/usageplans/${id}/keys`, body))).toEqual(expected);
  });

  test('of an unknown plan answer 404', async () => {
    const path = '/usageplans/nosuch/keys';
    for (const [method, at] of [
      ['GET', path],
      ['POST', path],
      ['GET', `${path}/x`],
      ['DELETE', `${path}/x`],
    ] as const) {
      const body = method === 'POST' ? {} : undefined;
      expect(outcome(await plane.send(method, at, body))).toEqual(unknown);
    }
  });

  test('never stay in a plan when they are deleted at the same time', async () => {
    const id = await make();
    for (let round = 1; round <= 10; round += 1) {
      const keyId = await makeKey();
      await Promise.all([join(id, keyId), plane.send('DELETE', `/apikeys/${keyId}`)]);
    }
    const stored = (await plane.store.get('usageplans/all'))!.value as {
      plans: Record<string, { keyIds: string[] }>;
    };
    expect(stored.plans[id]!.keyIds).toEqual([]);
  });
});

describe('Usage', () => {
  const quota = { limit: 10, period: 'WEEK', offset: 0 };
  const days = '?startDate=2026-01-01&endDate=2026-01-02';
  const usage = (id: string, query = days) => plane.send('GET', `/usageplans/${id}/usage${query}`);
  const update = (id: string, keyId: string, ...operations: object[]) =>
    patch(plane, `/usageplans/${id}/keys/${keyId}/usage`, ...operations);

  test('is a pair of used and remaining for each day, by key', async () => {
    const id = await make({ quota });
    const keyId = await makeKey();
    await join(id, keyId);
    expect((await usage(id)).json).toEqual({
      usagePlanId: id,
      startDate: '2026-01-01',
      endDate: '2026-01-02',
      values: {
        [keyId]: [
          [0, 10],
          [0, 10],
        ],
      },
    });
    expect((await usage(id, `${days}&keyId=other`)).json.values).toEqual({});
  });

  test.each([
    ['?startDate=2026-01-01', 'Invalid endDate specified. Must be YYYY-MM-DD'],
    ['?startDate=yesterday&endDate=2026-01-01', 'Invalid startDate specified. Must be YYYY-MM-DD'],
    ['?startDate=2026-01-02&endDate=2026-01-01', 'Usage can be asked for over 1 to 90 days'],
    ['?startDate=2026-01-01&endDate=2026-04-01', 'Usage can be asked for over 1 to 90 days'],
  ])('of %s: 400', async (query, message) => {
    expect(outcome(await usage(await make(), query))).toEqual(badRequest(message));
  });

  test('of ninety days is answered', async () => {
    const id = await make();
    expect((await usage(id, '?startDate=2026-01-01&endDate=2026-03-31')).status).toBe(200);
  });

  test('an unknown plan, or a key that is not in it: 404', async () => {
    expect(outcome(await usage('abc'))).toEqual(unknown);
    expect(outcome(await update('abc', 'def'))).toEqual(unknown);
    expect(outcome(await update(await make({ quota }), 'def'))).toEqual(unknownKey);
  });

  test('only remaining can be replaced, by a number, under a quota', async () => {
    const id = await make({ quota });
    const keyId = await makeKey();
    await join(id, keyId);
    const granted = await update(id, keyId, replace('/remaining', '25'));
    expect(Object.values(granted.json.values as object)).toEqual([[[0, 25]]]);
    expect(outcome(await update(id, keyId, replace('/remaining', 'many')))).toEqual(
      badRequest('Invalid remaining value specified'),
    );
    const free = await make();
    await join(free, keyId);
    expect(outcome(await update(free, keyId, replace('/remaining', '1')))).toEqual(
      badRequest('Usage Plan has no quota'),
    );
  });
});
