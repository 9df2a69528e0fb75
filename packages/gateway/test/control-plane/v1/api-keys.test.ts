import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startControlPlane, useControlPlane } from '../support/start-control-plane.ts';
import {
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
const create = (body: object = {}) => plane.send('POST', '/apikeys', body);
const get = (id: string, query = '') => plane.send('GET', `/apikeys/${id}${query}`);
const unknown = notFound('Invalid API Key identifier specified');
const freshValue = () => `value-${randomUUID()}`;

describe('API keys', () => {
  test('are created disabled, with a value of their own, which is shown once', async () => {
    const { status, json } = await create({ name: 'mobile' });
    expect(status).toBe(201);
    expect(json).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{10}$/),
      name: 'mobile',
      value: expect.stringMatching(/^[a-z0-9]{40}$/),
      enabled: false,
      createdDate: 1767323045,
      lastUpdatedDate: 1767323045,
      stageKeys: [],
    });
    const { value, ...shown } = json;
    expect((await get(json.id)).json).toEqual(shown);
    expect((await get(json.id, '?includeValue=false')).json).toEqual(shown);
    expect((await get(json.id, '?includeValue=true')).json).toEqual({ ...shown, value });
  });

  test('keep every field that is given', async () => {
    const given = {
      name: 'n'.repeat(1024),
      description: 'd'.repeat(1024),
      customerId: 'customer',
      enabled: true,
      value: 'v'.repeat(128),
      tags: { a: 'b' },
    };
    const { json } = await create({ ...given, generateDistinctId: true });
    expect(json).toMatchObject(given);
    expect(json).not.toHaveProperty('generateDistinctId');
  });

  test('have values of their own', async () => {
    const value = freshValue();
    const first = await create({ value });
    expect(outcome(await create({ value }))).toEqual(conflict('API Key already exists'));
    expect((await plane.send('DELETE', `/apikeys/${first.json.id}`)).status).toBe(202);
    expect((await create({ value })).status).toBe(201);
  });

  test('have values of their own also when they come at the same time', async () => {
    const value = freshValue();
    const answers = await Promise.all([create({ value }), create({ value }), create({ value })]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
  });

  test.each([
    [{ value: 'v'.repeat(19) }, 'API Key value should be at least 20 characters'],
    [{ value: '' }, 'API Key value should be at least 20 characters'],
    [{ value: 'v'.repeat(129) }, 'API Key value should be at most 128 characters'],
    [
      { value: `with a line end here\r\n` },
      'API Key value may contain only visible ASCII characters',
    ],
    [{ enabled: 'yes' }, 'Invalid enabled specified. Must be true or false'],
    [{ name: 'n'.repeat(1025) }, 'Invalid name specified. Must be 0 to 1024 characters long'],
    [
      { stageKeys: [{ restApiId: 'abc', stageName: 'prod' }] },
      'StageKeys are not supported. Add the API Key to a Usage Plan',
    ],
  ])('are refused with %.60j', async (body, message) => {
    expect(outcome(await create(body))).toEqual(badRequest(message));
  });

  test('are changed by operations on their paths', async () => {
    const { id } = (await create({ name: 'before', description: 'gone' })).json;
    plane.clock.move(5000);
    const { status, json } = await patch(
      plane,
      `/apikeys/${id}`,
      replace('/name', 'after'),
      replace('/enabled', 'True'),
      replace('/description', ''),
      replace('/customerId', 'c'),
    );
    expect(status).toBe(200);
    expect(json).toMatchObject({ name: 'after', enabled: true, customerId: 'c' });
    expect(json.lastUpdatedDate).toBe(json.createdDate + 5);
    expect(json).not.toHaveProperty('description');
    expect(json).not.toHaveProperty('value');
    expect((await patch(plane, `/apikeys/${id}`)).json).toEqual(json);
    expect((await plane.send('PATCH', `/apikeys/${id}`, {})).json).toEqual(json);
  });

  const paths = '[/name, /description, /enabled, /customerId]';
  test.each([
    [
      [replace('/value', 'x')],
      `Invalid patch path  '/value' specified for op 'replace'. Must be one of: ${paths}`,
    ],
    [
      [remove('/name')],
      "Invalid patch path  '/name' specified for op 'remove'. Must be one of: []",
    ],
    [
      [{ op: 'copy', path: '/name' }],
      "Invalid patch path  '/name' specified for op 'copy'. Must be one of: []",
    ],
    [[{}], "Invalid patch path  '' specified for op ''. Must be one of: []"],
    [['x'], "Invalid patch path  '' specified for op ''. Must be one of: []"],
    [[replace('/enabled', 'perhaps')], 'Invalid enabled specified. Must be true or false'],
    [
      [{ op: 'replace', path: '/name', value: 1 }],
      'Invalid patchOperations specified. op, path and value must be strings',
    ],
    [
      [replace('/name', 'v'.repeat(2049))],
      'Invalid value specified. Must be at most 2048 characters long',
    ],
    ['x', 'Invalid patchOperations specified. Must be a list'],
    [
      Array(301).fill(replace('/name', 'x')),
      'Invalid patchOperations specified. Must have at most 300 entries',
    ],
  ])('refuse the operations %.60j', async (patchOperations, message) => {
    const { id } = (await create()).json;
    const answer = await plane.send('PATCH', `/apikeys/${id}`, { patchOperations });
    expect(outcome(answer)).toEqual(badRequest(message));
  });

  test('are listed in pages, filtered by the beginning of their name and by customer', async () => {
    const other = await startControlPlane();
    const make = async (name: string, customerId?: string) =>
      (await other.send('POST', '/apikeys', { name, customerId })).json;
    const [a, b] = [await make('team-a'), await make('team-b', 'c1')];
    await make('other');
    const list = async (query: string) => (await other.send('GET', `/apikeys?${query}`)).json;
    expect((await list('')).item).toHaveLength(3);
    expect((await list('name=team')).item.map((key: { id: string }) => key.id).sort()).toEqual(
      [a.id, b.id].sort(),
    );
    expect((await list('customerId=c1')).item).toMatchObject([{ id: b.id }]);
    expect((await list('customerId=c1&includeValues=true')).item).toEqual([b]);
    const seen: string[] = [];
    let position: string | undefined;
    do {
      const page = await list(`limit=1${position === undefined ? '' : `&position=${position}`}`);
      seen.push(...page.item.map((key: { name: string }) => key.name));
      position = page.position;
    } while (position !== undefined);
    expect(seen.sort()).toEqual(['other', 'team-a', 'team-b']);
    expect(outcome(await other.send('GET', '/apikeys?limit=0'))).toEqual(
      badRequest('Invalid limit specified. Must be a number greater than 0'),
    );
    expect(outcome(await other.send('GET', '/apikeys?position=x'))).toEqual(
      badRequest('Invalid position specified'),
    );
    await other.close();
  });

  test('that are unknown answer 404', async () => {
    for (const answer of [
      await get('nosuch'),
      await get('NO%2FSUCH'),
      await patch(plane, '/apikeys/nosuch', replace('/name', 'x')),
      await plane.send('DELETE', '/apikeys/nosuch'),
    ]) {
      expect(outcome(answer)).toEqual(unknown);
    }
  });

  test('are at most 10000 to an account', async () => {
    const other = await startControlPlane();
    const changes = Array.from({ length: 9999 }, (_, at) => ({
      key: `apikey/copy${at}`,
      value: {},
      expectedVersion: 0,
    }));
    await other.store.commit(changes);
    expect((await other.send('POST', '/apikeys', {})).status).toBe(201);
    const full = limitExceeded('API Keys', 'account');
    expect(outcome(await other.send('POST', '/apikeys', {}))).toEqual(full);
    const file = 'Name,Key\na,a-value-of-20-characters';
    expect(outcome(await other.send('POST', '/apikeys?mode=import&format=csv', file))).toEqual(
      full,
    );
    await other.close();
  });
});
