import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileJsonPath } from '../../../src/mapping/json-path/json-path.ts';
import { JsonPathError } from '../../../src/mapping/json-path/json-path-error.ts';

test('members of JavaScript objects are missing values', () => {
  const paths = [
    '__proto__',
    'constructor',
    'a.length',
    "['toString']",
    's.length',
    'a.__proto__',
    "$..['constructor']",
  ];
  for (const path of paths) {
    const found = compileJsonPath(path).read({ a: [1], s: 'text' });
    expect(found === undefined || (Array.isArray(found) && found.length === 0), path).toBe(true);
  }
});

test('a message may use such names itself', () => {
  const document = JSON.parse('{"__proto__": {"constructor": 1}, "toString": "x"}');
  expect(compileJsonPath('__proto__.constructor').read(document)).toBe(1);
  expect(compileJsonPath('$.toString').read(document)).toBe('x');
});

test('a path reads from Maps as from objects, and numbers keep their form', () => {
  const document = new Map<string, unknown>([
    ['b', 1],
    ['1', new Map([['b', 2n]])],
  ]);
  expect(compileJsonPath('$..b').read(document)).toEqual([1, 2n]);
  expect(compileJsonPath('$[?(@.b > 1)]').read([document, document.get('1')])).toHaveLength(1);
});

test('a deep scan of a document nested more than 400 deep is refused', () => {
  const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  expect(compileJsonPath('$..a').read(deep(400))).toEqual([]);
  expect(() => compileJsonPath('$..a').read(deep(402))).toThrow(JsonPathError);
  expect(compileJsonPath('[0][0]').read(deep(60_000))).toBeInstanceOf(Array);
});

test('a path that multiplies what it visits ends within its steps', () => {
  const wide = Array.from({ length: 20_000 }, () => [[1]]);
  expect(() => compileJsonPath('$..*..*..*..*..*..*').read([wide, wide, wide])).toThrow(
    JsonPathError,
  );
});

test('a filter that compares everything with everything ends within its steps', () => {
  const list = Array.from({ length: 10_000 }, (_, index) => index);
  expect(() => compileJsonPath('$.list[?(@ in $.list)]').read({ list })).toThrow(JsonPathError);
});

test('a regular expression that backtracks without end is stopped', () => {
  const path = compileJsonPath('$[?(@ =~ /(a+)+b/)]');
  expect(path.read(['aab'])).toEqual(['aab']);
  expect(() => path.read(['a'.repeat(100)])).toThrow('too many steps');
});

test('a path longer than 4096 characters and a filter nested deeper than 32 do not compile', () => {
  expect(() => compileJsonPath('a'.repeat(4097))).toThrow(JsonPathError);
  const nested = `$[?${'('.repeat(40)}@.a${')'.repeat(40)}]`;
  expect(() => compileJsonPath(nested)).toThrow('nested more than 32');
  expect(() => compileJsonPath(`$[?(${'!'.repeat(4000)}@.a)]`)).toThrow('nested more than 32');
});

test('no text and no document make anything but a JsonPathError', () => {
  const piece = fc.constantFrom(
    ...['$', '@', '.', '..', '[', ']', '(', ')', '?', '*', "'", '"', '/', '\\', ':', ',', '-', ' '],
    ...[
      'a',
      '0',
      '1',
      '&&',
      '||',
      '!',
      '==',
      '<',
      '=~',
      'in',
      'length()',
      '[?(@.a',
      '=~ /a+/i',
      '}',
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 14 }).map((each) => each.join('')),
    fc.string(),
  );
  const read = (path: string, document: unknown) => {
    try {
      compileJsonPath(path).read(document);
    } catch (error) {
      if (!(error instanceof JsonPathError)) {
        throw error;
      }
    }
  };
  const examples = { numRuns: 3000, seed: 7 };
  fc.assert(fc.property(text, fc.jsonValue({ maxDepth: 4 }), read), examples);
});
