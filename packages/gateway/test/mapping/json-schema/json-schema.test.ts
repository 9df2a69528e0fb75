import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileJsonSchema, SchemaError } from '../../../src/mapping/json-schema/json-schema.ts';

const at = (name: string) => `https://apigateway.amazonaws.com/restapis/a1b2c3d4e5/models/${name}`;
const compile = (schema: unknown) => compileJsonSchema({ url: at('Own'), schema });

test.each<[schema: object, value: unknown, words: string]>([
  [{ required: ['a', 'b'] }, {}, 'object has missing required properties (["a","b"])'],
  [
    { type: ['integer', 'boolean'] },
    'x',
    'instance type (string) does not match any allowed primitive type (allowed: ["boolean","integer"])',
  ],
  [
    { type: 'integer' },
    1.5,
    'instance type (number) does not match any allowed primitive type (allowed: ["integer"])',
  ],
  [{ enum: ['a', 1] }, 'b', 'instance value ("b") not found in enum (possible values: ["a",1])'],
  [{ minimum: 1 }, 0, 'numeric instance is lower than the required minimum (minimum: 1, found: 0)'],
  [
    { maximum: 10, exclusiveMaximum: true },
    10,
    'numeric instance is not strictly lower than the required maximum 10',
  ],
  [{ multipleOf: 0.01 }, 0.105, 'remainder of division is not zero (0.105 / 0.01)'],
  [{ maxLength: 1 }, 'äöü', 'string "äöü" is too long (length: 3, maximum allowed: 1)'],
  [{ minLength: 2 }, '😀', 'string "😀" is too short (length: 1, required minimum: 2)'],
  [{ pattern: '^\\d+$' }, 'x1', 'ECMA 262 regex "^\\\\d+$" does not match input string "x1"'],
  [
    { maxItems: 1 },
    [1, 2],
    'array is too long: must have at most 1 elements but instance has 2 elements',
  ],
  [
    { uniqueItems: true },
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    'array must not contain duplicate elements',
  ],
  [
    { properties: { a: {} }, additionalProperties: false },
    { a: 1, b: 2, c: 3 },
    'object instance has properties which are not allowed by the schema: ["b","c"]',
  ],
  [
    { anyOf: [{ type: 'null' }] },
    1,
    'instance failed to match at least one required schema among 1',
  ],
  [{ oneOf: [{}, {}] }, 1, 'instance failed to match exactly one schema (matched 2 out of 2)'],
  [{ not: {} }, 1, 'instance matched a schema which it should not have'],
  [{ format: 'ipv4' }, '256.0.0.1', 'string "256.0.0.1" is not a valid ipv4'],
])('%j says of %j what AWS says', (schema, value, words) => {
  expect(compile(schema).validate(value)).toBe(`[${words}]`);
});

test('several problems are told at once; a long one is cut', () => {
  const schema = compile({
    properties: { a: { type: 'null' } },
    required: ['b'],
    maxProperties: 0,
  });
  expect(schema.validate({ a: 'x' })?.split('), ')).toHaveLength(3);
  expect(compile({ maxLength: 1 }).validate('x'.repeat(100_000))).toHaveLength(303);
  expect(
    compile({ items: { type: 'null' } })
      .validate(Array(500).fill(1))
      ?.split('), '),
  ).toHaveLength(20);
});

describe('references', () => {
  test('a model refers to another by its URL, and the other back', () => {
    const people = { type: 'array', items: { $ref: at('Person') } };
    const person = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, friends: { $ref: at('People') } },
    };
    const schema = compileJsonSchema({ url: at('People'), schema: people }, [
      { url: at('Person'), schema: person },
      { url: at('Broken'), schema: undefined },
    ]);
    expect(schema.validate([{ name: 'Ada', friends: [{ name: 'Grace' }] }])).toBeUndefined();
    expect(schema.validate([{ name: 'Ada', friends: [{}] }])).toBe(
      '[object has missing required properties (["name"])]',
    );
  });

  test.each([
    '#/definitions/none',
    '#none',
    'https://elsewhere.example/model',
    'http://',
    at('Other'),
  ])('%s leads nowhere: the schema cannot be used', ($ref) => {
    expect(() => compile({ properties: { a: { $ref } } })).toThrow(SchemaError);
  });

  test('members of JavaScript objects are no schemas', () => {
    expect(() => compile({ $ref: '#/__proto__' })).toThrow(SchemaError);
    expect(() => compile({ $ref: '#/definitions/constructor', definitions: {} })).toThrow(
      SchemaError,
    );
    expect(compile({ required: ['constructor'] }).validate({})).toBeDefined();
    expect(compile({ properties: { toString: { type: 'null' } } }).validate({})).toBeUndefined();
    expect(compile({ dependencies: { valueOf: ['a'] } }).validate({})).toBeUndefined();
  });
});

describe('what a message may cost', () => {
  test('a pattern that backtracks without end ends, and the message does not fit', () => {
    const schema = compile({ pattern: '^(a|aa)+$' });
    expect(schema.validate(`${'a'.repeat(60)}!`)).toBe(
      '[the message takes too many steps to match]',
    );
  });

  test('many different items are told apart without comparing each with each', () => {
    const schema = compile({ uniqueItems: true });
    expect(schema.validate(Array.from({ length: 100_000 }, (_, at) => at))).toBeUndefined();
  });

  test('a schema that is nothing but itself ends', () => {
    expect(compile({ $ref: '#' }).validate(1)).toBe('[the message is nested too deep to validate]');
  });

  test('a schema that doubles itself with each level ends', () => {
    const half = { $ref: '#' };
    const schema = compile({ anyOf: [{ properties: { a: { allOf: [half, half] } } }] });
    let value: unknown = {};
    for (let depth = 0; depth < 60; depth += 1) value = { a: value };
    expect(schema.validate(value)).toBe('[the message takes too many steps to validate]');
  });

  test.each([398, 400])(
    'a value %i deep is checked or refused, and never a stack too long',
    (depth) => {
      const schema = compile({ items: { $ref: '#/items' }, type: 'array' });
      const nested = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
      const once = compile({ enum: [nested] });
      expect(typeof schema.validate(nested)).toMatch(/string|undefined/);
      expect(once.validate(nested)).toBeUndefined();
      const deep = JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`);
      expect(schema.validate(deep)).toBe('[the message is nested too deep to validate]');
      expect(compile({ uniqueItems: true }).validate(deep)).toContain('too deep');
    },
  );
});

test('malformed keywords mean nothing, a pattern that is none makes the schema unusable', () => {
  const strange = {
    required: true,
    minimum: '1',
    type: 7,
    properties: [],
    enum: 1,
    items: 1,
    not: 2,
  };
  expect(compile(strange).validate({ a: 1 })).toBeUndefined();
  for (const schema of [{ pattern: '(' }, { patternProperties: { '[': {} } }]) {
    expect(() => compile(schema)).toThrow(SchemaError);
  }
});

test.each([
  ['^a$', ['a'], ['a\n', 'b']],
  ['^[^[\\]]+$', ['ab'], ['a[', 'a]']],
  ['^[a&&b]+$', ['a&b'], ['c']],
  ['^[]$', [], ['']],
  ['^[^]$', ['x', '\n'], ['']],
  ['^\\$\\[[$.]$', ['$[$', '$[.'], ['$[']],
  ['^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$', ['ada.l+x@a-b.example'], ['ada@', '@x.y']],
])('the pattern %s is read as in JavaScript', (pattern, fitting, others) => {
  const schema = compile({ pattern });
  for (const text of [...fitting, ...others]) {
    expect(schema.validate(text) === undefined, text).toBe(new RegExp(pattern).test(text));
    expect(schema.validate(text) === undefined, text).toBe(fitting.includes(text));
  }
});

/** Schemas of every keyword, three of them at most, so that values often fit and often do not. */
const scalar = fc.constantFrom<unknown>(null, true, 0, 1, 2, -1, 0.5, '', 'a', 'ab', 'äb', [], {});
const small = fc.integer({ min: 0, max: 2 });
const types = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object');
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 2 });

function anyValue(depth: number): fc.Arbitrary<unknown> {
  if (depth === 0) return scalar;
  const inner = anyValue(depth - 1);
  const members = fc.dictionary(fc.constantFrom('a', 'b', 'ab'), inner, { maxKeys: 3 });
  return fc.oneof(scalar, fc.array(inner, { maxLength: 3 }), members);
}

function schemaOf(depth: number): fc.Arbitrary<object> {
  const flat: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
    enum: fc.array(anyValue(1), { minLength: 1, maxLength: 3 }),
    minimum: small,
    exclusiveMinimum: fc.boolean(),
    maximum: small,
    exclusiveMaximum: fc.boolean(),
    multipleOf: fc.constantFrom(1, 2, 0.5),
    minLength: small,
    maxLength: small,
    pattern: fc.constantFrom('^a', 'b$', 'a*', '[^a]'),
    minItems: small,
    maxItems: small,
    uniqueItems: fc.boolean(),
    required: names,
    minProperties: small,
    maxProperties: small,
  };
  const keywords = depth === 0 ? flat : { ...flat, ...nestedKeywords(schemaOf(depth - 1)) };
  const entry = fc.oneof(
    ...Object.entries(keywords).map(([name, any]) => any.map((one) => [name, one] as const)),
  );
  return fc.array(entry, { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
}

function nestedKeywords(one: fc.Arbitrary<object>): Record<string, fc.Arbitrary<unknown>> {
  const list = fc.array(one, { minLength: 1, maxLength: 2 });
  const orFlag = fc.oneof(fc.boolean(), one);
  return {
    items: fc.oneof(one, list),
    additionalItems: orFlag,
    properties: fc.dictionary(fc.constantFrom('a', 'b'), one, { maxKeys: 2 }),
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'b'), one, { maxKeys: 1 }),
    additionalProperties: orFlag,
    dependencies: fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(names, one), { maxKeys: 1 }),
    allOf: list,
    anyOf: list,
    oneOf: list,
    not: one,
  };
}

test('any schema and any value are judged as another implementation judges them', () => {
  let fitting = 0;
  fc.assert(
    fc.property(schemaOf(2), anyValue(2), (schema, value) => {
      const expected = new Validator(schema, '4').validate(value).valid;
      const verdict = compile(schema).validate(value);
      expect(verdict === undefined, verdict).toBe(expected);
      fitting += expected ? 1 : 0;
    }),
    { seed: 20261128, numRuns: 4000 },
  );
  expect(fitting).toBeGreaterThan(400);
  expect(fitting).toBeLessThan(3600);
});
