import { beforeAll, describe, expect, test } from 'vitest';
import { useControlPlane } from '../support/start-control-plane.ts';
import { badRequest, limitExceeded, outcome } from '../support/v1.ts';

const plane = useControlPlane();
let planId: string;
beforeAll(async () => {
  planId = (await plane.send('POST', '/usageplans', { name: 'basic' })).json.id;
});

const load = (file: string | Uint8Array, query = '') =>
  plane.send('POST', `/apikeys?mode=import&format=csv${query}`, file);
const read = async (id: string) =>
  (await plane.send('GET', `/apikeys/${id}?includeValue=true`)).json;
const value = (name: string) => `${name}-`.padEnd(30, '0');
const noColumns = 'Invalid API key file specified. It must contain the Name and Key columns';

describe('A file of API keys', () => {
  test('becomes keys, which are enabled unless it says otherwise', async () => {
    const { status, json } = await load(
      [
        '\uFEFFName,key,description,Enabled,usageplanIds,colour',
        `first,${value('first')},An imported key,TRUE,${planId},red`,
        `"second, quoted ""so""",'${value('second')}',,false,`,
        '',
        `third , ${value('third')}`,
      ].join('\r\n'),
    );
    expect([status, json.warnings]).toEqual([201, []]);
    const [first, second, third] = await Promise.all(json.ids.map(read));
    expect(first).toMatchObject({
      name: 'first',
      value: value('first'),
      description: 'An imported key',
      enabled: true,
    });
    expect(second).toMatchObject({
      name: 'second, quoted "so"',
      value: value('second'),
      enabled: false,
    });
    expect(third).toMatchObject({ name: 'third', value: value('third'), enabled: true });
    const keys = await plane.send('GET', `/usageplans/${planId}/keys`);
    expect(keys.json.item).toMatchObject([{ id: first.id }]);
  });

  test('overwrites the keys whose values are known, in the store and in the file', async () => {
    const file = (name: string, description: string) =>
      `Key,name,description\n${value('again')},${name},${description}`;
    const { ids } = (await load(file('before', 'gone'))).json;
    const again = await load(`${file('once', 'x')}\n${value('again')},twice`);
    expect(again.json).toEqual({ ids, warnings: [] });
    const key = await read(ids[0]);
    expect(key.name).toBe('twice');
    expect(key).not.toHaveProperty('description');
    const fresh = `Name,Key\na,${value('fresh')}\nb,${value('fresh')}`;
    const { json } = await load(fresh);
    expect(json.ids).toHaveLength(1);
    expect((await read(json.ids[0])).name).toBe('b');
  });

  test('may be in several plans', async () => {
    const other = (await plane.send('POST', '/usageplans', { name: 'other' })).json.id;
    const { json } = await load(`Key,Name,UsagePlanIds\n${value('two')},x,"${planId},${other}"`);
    const plans = await plane.send('GET', `/usageplans?keyId=${json.ids[0]}`);
    expect(plans.json.item.map((plan: { id: string }) => plan.id).sort()).toEqual(
      [planId, other].sort(),
    );
  });

  test('says which lines could not be taken, and takes the others', async () => {
    const { status, json } = await load(
      [
        'Name,Key,UsagePlanIds',
        'short,too-short',
        `plan,${value('plan')},nosuch`,
        `${'n'.repeat(1025)},${value('name')}`,
        `good,${value('good')}`,
      ].join('\n'),
    );
    expect(status).toBe(201);
    expect(json.ids).toHaveLength(2);
    expect(json.warnings).toEqual([
      'Line 2: API Key value should be at least 20 characters',
      'Line 3: Invalid Usage Plan ID specified',
      'Line 4: Invalid name specified. Must be 0 to 1024 characters long',
    ]);
  });

  test('is refused as a whole with failonwarnings', async () => {
    const file = `Name,Key\nbad,short\ngood,${value('whole')}`;
    expect(outcome(await load(file, '&failonwarnings=true'))).toEqual(
      badRequest('Line 2: API Key value should be at least 20 characters'),
    );
    const { json } = await load(`Name,Key\nfirst time,${value('whole')}`);
    const { createdDate, lastUpdatedDate } = await read(json.ids[0]);
    expect(createdDate).toBe(lastUpdatedDate);
  });

  test.each([
    ['nothing', '', noColumns],
    ['no key column', 'Name,Value\na,b', noColumns],
    [
      'text behind a quote',
      'Name,Key\n"a"b,c',
      'Invalid API key file specified. A quoted value is followed by more text',
    ],
    [
      'bytes that are no text',
      Uint8Array.of(0xff, 0xfe, 0x00),
      'Invalid API key file specified. It must be text in UTF-8',
    ],
  ])('with %s is refused', async (_, file, message) => {
    expect(outcome(await load(file))).toEqual(badRequest(message));
  });

  test('holds 10000 keys at most', async () => {
    const lines = Array.from({ length: 10_001 }, (_, at) => `n,${value(`key${at}`)}`);
    expect(outcome(await load(`Name,Key\n${lines.join('\n')}`))).toEqual(
      limitExceeded('API Keys', 'account'),
    );
  });

  test('is in the format csv', async () => {
    for (const query of ['', '&format=json']) {
      const answer = await plane.send('POST', `/apikeys?mode=import${query}`, 'Name,Key');
      expect(outcome(answer)).toEqual(badRequest('Invalid format specified. Must be one of [csv]'));
    }
  });
});
