import { beforeAll, describe, expect, test } from 'vitest';
import { schemaDepthMax } from '../../src/resources/model.ts';
import { makeApi } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

const create = (Name: string, change: object = {}) =>
  plane.aws.createModel({ ApiId, Name, Schema: '{}', ...change });
const invalidSchema =
  'Invalid model specified: Validation Result: warnings : [], ' +
  'errors : [Invalid model schema specified]';
const nested = (depth: number) => `${'{"not":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

describe('Models', () => {
  test('are created, read, changed and deleted', async () => {
    const given = {
      Name: 'Message1',
      ContentType: 'application/vnd.chat+json',
      Description: 'what is said',
      Schema: '{ "type" : "object",\n "required": ["text"] }',
    };
    const { $metadata, ...created } = await create('', given);
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({ ...given, ModelId: expect.stringMatching(/^[a-z0-9]{6}$/) });
    const one = { ApiId, ModelId: created.ModelId };
    expect(await plane.aws.getModel(one)).toMatchObject(created);
    const changed = await plane.aws.updateModel({ ...one, Description: '', Schema: '{"a":1}' });
    expect(changed).toMatchObject({ Description: '', Schema: '{"a":1}', Name: 'Message1' });
    expect((await plane.aws.getModel(one)).Description).toBeUndefined();
    expect((await plane.aws.getModels({ ApiId })).Items).toEqual([
      { ...created, Description: undefined, Schema: '{"a":1}' },
    ]);
    expect((await plane.aws.deleteModel(one)).$metadata.httpStatusCode).toBe(204);
    const unknown = notFound('Model', `Invalid Model identifier specified ${one.ModelId}`);
    expect(await refusal(plane.aws.deleteModel(one))).toEqual(unknown);
    expect(await refusal(plane.aws.getModelTemplate(one))).toEqual(unknown);
  });

  test('are of application/json unless said otherwise', async () => {
    expect(await create('Plain')).toMatchObject({ ContentType: 'application/json' });
  });

  test.each([
    ['no name', { Name: undefined }, 'Model name is required'],
    ['an empty name', { Name: '' }, 'Model name must be alphanumeric: '],
    ['a hyphen in the name', { Name: 'a-b' }, 'Model name must be alphanumeric: a-b'],
    [
      'a name of 129 characters',
      { Name: 'n'.repeat(129) },
      `Model name must be alphanumeric: ${'n'.repeat(129)}`,
    ],
    ['no schema', { Schema: undefined }, 'Model schema is required'],
    ['a schema that is no JSON', { Schema: '{' }, invalidSchema],
    ['a schema that is no object', { Schema: '[]' }, invalidSchema],
    ['a schema that is nested too deep', { Schema: nested(schemaDepthMax + 1) }, invalidSchema],
    [
      'a schema of 32769 characters',
      { Schema: `{${' '.repeat(32_767)}}` },
      'Invalid schema specified. Must be 0 to 32768 characters long',
    ],
    [
      'no content type',
      { ContentType: '' },
      'Invalid contentType specified. Must be 1 to 256 characters long',
    ],
    [
      'a content type of 257 characters',
      { ContentType: 'c'.repeat(257) },
      'Invalid contentType specified. Must be 1 to 256 characters long',
    ],
    [
      'a description of 1025 characters',
      { Description: 'd'.repeat(1025) },
      'Invalid description specified. Must be 0 to 1024 characters long',
    ],
  ])('with %s answer 400', async (_, change, message) => {
    expect(await refusal(create('Refused', change))).toEqual(badRequest(message));
  });

  test.each([
    ['name, content type and description at their longest', { Name: 'n'.repeat(128) }],
    ['a schema of 32768 characters', { Schema: `{${' '.repeat(32_766)}}` }],
    ['a schema nested as deep as may be', { Schema: nested(schemaDepthMax) }],
    ['no schema to speak of', { Schema: '' }],
  ])('with %s are taken', async (_, change) => {
    const longest = { ContentType: 'c'.repeat(256), Description: 'd'.repeat(1024) };
    const Name = `Taken${Object.keys(change)[0]}${_.length}`;
    const given = { Name, ...longest, ...change };
    expect(await create(Name, given)).toMatchObject(given);
  });

  test('have names of their own in an API', async () => {
    await create('Once');
    const taken = conflict('Model with name Once already exists for this API');
    expect(await refusal(create('Once'))).toEqual(taken);
    const { ModelId } = await create('Twice');
    expect(await refusal(plane.aws.updateModel({ ApiId, ModelId, Name: 'Once' }))).toEqual(taken);
    await plane.aws.createModel({ ApiId: await makeApi(plane), Name: 'Once', Schema: '{}' });
  });

  test('that a route names exist, and cannot be deleted before it lets go', async () => {
    const { ModelId } = await create('Used');
    expect(
      await refusal(
        plane.aws.createRoute({
          ApiId,
          RouteKey: 'missing',
          RequestModels: { a: 'Used', b: 'Missing' },
        }),
      ),
    ).toEqual(badRequest('Invalid Model name specified Missing'));
    const RequestModels = { $default: 'Used' };
    const { RouteId } = await plane.aws.createRoute({ ApiId, RouteKey: 'used', RequestModels });
    expect(await refusal(plane.aws.deleteModel({ ApiId, ModelId }))).toEqual(
      conflict(
        'Cannot delete Model because it is referenced by the following Routes with Ids: ' +
          `[${RouteId}]`,
      ),
    );
    await plane.aws.updateRoute({ ApiId, RouteId, RequestModels: { $default: '' } });
    await plane.aws.deleteModel({ ApiId, ModelId });
  });

  test('take the routes along when they are renamed', async () => {
    const { ModelId } = await create('Before');
    await create('Other');
    const RequestModels = { a: 'Before', b: 'Other' };
    const { RouteId } = await plane.aws.createRoute({ ApiId, RouteKey: 'follow', RequestModels });
    const route = { ApiId, RouteKey: 'stay', RequestModels: { b: 'Other' } };
    const { RouteId: other } = await plane.aws.createRoute(route);
    await plane.aws.updateModel({ ApiId, ModelId, Name: 'After' });
    const modelsOf = async (id: string | undefined) =>
      (await plane.aws.getRoute({ ApiId, RouteId: id })).RequestModels;
    expect(await modelsOf(RouteId)).toEqual({ a: 'After', b: 'Other' });
    expect(await modelsOf(other)).toEqual({ b: 'Other' });
  });
});

describe('GetModelTemplate', () => {
  const templateOf = async (Name: string, schema: unknown) => {
    const Schema = typeof schema === 'string' ? schema : JSON.stringify(schema);
    const { ModelId } = await create(Name, { Schema });
    return (await plane.aws.getModelTemplate({ ApiId, ModelId })).Value;
  };

  test('answers a template that fills the structure of the model', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer' },
        'a b': {},
        nothing: { type: 'null' },
        address: { type: 'object', properties: { city: { type: 'string' } } },
        friends: { type: 'array', items: { properties: { tags: { items: {} } } } },
        map: { type: 'object' },
        list: { type: 'array' },
      },
    };
    expect(await templateOf('Person', schema)).toBe(
      [
        "#set($inputRoot = $input.path('$'))",
        '{',
        '  "name" : "$inputRoot.name",',
        '  "age" : $inputRoot.age,',
        '  "a b" : $inputRoot.get(\'a b\'),',
        '  "nothing" : null,',
        '  "address" : {',
        '    "city" : "$inputRoot.address.city"',
        '  },',
        '  "friends" : [',
        '#foreach($elem in $inputRoot.friends)',
        '    {',
        '      "tags" : [',
        '#foreach($elemElem in $elem.tags)',
        '        $elemElem#if($foreach.hasNext),#end',
        '',
        '#end',
        '      ]',
        '    }#if($foreach.hasNext),#end',
        '',
        '#end',
        '  ],',
        '  "map" : {},',
        '  "list" : []',
        '}',
      ].join('\n'),
    );
  });

  test.each([
    ['a text', { type: 'string' }, '"$inputRoot"'],
    ['anything', {}, '$inputRoot'],
    ['an object without members', { properties: {} }, '{}'],
    ['no schema', '', '$inputRoot'],
  ])('answers the shortest template for %s', async (name, schema, expected) => {
    const Name = name.replaceAll(' ', '');
    expect(await templateOf(Name, schema)).toBe(`#set($inputRoot = $input.path('$'))\n${expected}`);
  });
});
