import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonPathError } from '../../src/mapping/json-path/json-path-error.ts';
import { ParameterMappingError } from '../../src/mapping/parameter-mapping.ts';
import { compileResponseMappings } from '../../src/mapping/response-mapping.ts';
import { responseReader } from '../../src/mapping/response-reader.ts';
import { type EventScope, MessageBody, type ResponseScope } from '../../src/mapping/scope.ts';

const scope = {
  context: { connectionId: 'gbgA_A9XiQAYKEiI6A==', identity: { sourceIp: '203.0.113.7' } },
  stageVariables: { color: 'blue' },
  body: new MessageBody(Buffer.alloc(0)),
} as unknown as EventScope;
const response: ResponseScope = {
  status: 201,
  headers: { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'], empty: '' },
  body: new MessageBody(Buffer.from('{"protocol":"chat","list":[{"n":1},{"n":2}],"none":null}')),
};

const read = (source: string) =>
  compileResponseMappings({ 'method.response.header.X': source })[0]?.read(scope, response);

test.each([
  ["'chat'", 'chat'],
  ["''", ''],
  ['integration.response.header.X-One', '1'],
  ['integration.response.header.missing', ''],
  ['integration.response.header.constructor', ''],
  ['integration.response.header.Set-Cookie', 'b=2'],
  ['integration.response.multivalueheader.Set-Cookie', 'a=1,b=2'],
  ['integration.response.multivalueheader.missing', ''],
  ['integration.response.statuscode', '201'],
  ['response.statuscode', '201'],
  ['integration.response.body.protocol', 'chat'],
  ['integration.response.body.list[1].n', '2'],
  ['integration.response.body.list[*].n', '[1, 2]'],
  ['integration.response.body.none', 'null'],
  ['integration.response.body.missing', ''],
  ['integration.response.body', '{"protocol":"chat","list":[{"n":1},{"n":2}],"none":null}'],
  ['context.connectionId', 'gbgA_A9XiQAYKEiI6A=='],
  ['context.identity.sourceIp', '203.0.113.7'],
  ['context.__proto__.x', ''],
  ['stageVariables.color', 'blue'],
  ['stageVariables.missing', ''],
])('%s reads %j', (source, expected) => {
  expect(read(source)).toBe(expected);
});

test('a body that is not JSON has nothing to be found in it', () => {
  const text = { ...response, body: new MessageBody(Buffer.from('chat')) };
  expect(responseReader('integration.response.body.protocol')?.(text)).toEqual([]);
  expect(responseReader('integration.response.body')?.(text)).toEqual(['chat']);
});

describe('what cannot be mapped says so', () => {
  test.each([
    ['method.response.statuscode', "'200'"],
    ['integration.response.header.X', "'1'"],
    ['method.response.header.', "'1'"],
    ['method.response.header.a b', "'1'"],
    ['method.response.header.X', 'nonsense'],
    ['method.response.header.X', 'context'],
    ['method.response.header.X', 'integration.response.header'],
    ['method.response.header.X', 'integration.response.bodyx'],
    ['method.response.header.X', 'integration.response.statuscode.x'],
    ['method.response.header.X', 'route.request.header.X'],
    ['method.response.header.X', "'open"],
  ])('%s: %s', (key, source) => {
    expect(() => compileResponseMappings({ [key]: source })).toThrow(ParameterMappingError);
  });
});

test('no mapping makes the parser or a reader fail with anything but its own error', () => {
  const word = fc.constantFrom(
    'method.response.header.',
    'integration.response.',
    'response.',
    'body',
    'statuscode',
    'multivalueheader.',
    'header.',
    'x-one',
    '__proto__',
    '.',
    '[0]',
    '..*',
    '[?(@.n>1)]',
    'context.',
    "'",
    '\r\n',
  );
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
  fc.assert(
    fc.property(text, text, (key, source) => {
      for (const name of [key, 'method.response.header.x']) {
        try {
          for (const { read } of compileResponseMappings({ [name]: source })) {
            expect(typeof read(scope, response)).toBe('string');
          }
        } catch (error) {
          expect([ParameterMappingError, JsonPathError]).toContain((error as Error).constructor);
        }
      }
    }),
    { seed: 20261128, numRuns: 3000 },
  );
});
