import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { templateLimits } from '../../../src/templates/source/limits.ts';
import { Places } from '../../../src/templates/source/places.ts';
import { ProjectFiles } from '../../../src/templates/source/project-files.ts';
import { readTree } from '../../../src/templates/source/read-tree.ts';
import { TemplateError } from '../../../src/templates/source/template-error.ts';

const places = new Places();
const read = (text: string) => readTree(text, { file: 't.yaml', places, hasShortTags: true });

describe('YAML and JSON', () => {
  test.each<readonly [string, string, unknown]>([
    ['an empty text', '', {}],
    ['JSON', '{"a": [1, "b"],\t"c": {"d": "\\ud83d\\ude00"}}', { a: [1, 'b'], c: { d: '😀' } }],
    ['anchors', 'a: &x { b: 1 }\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    [
      'merges',
      'a: &x { b: 1, c: 2 }\nd: { <<: *x, c: 3 }',
      { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } },
    ],
    ['lists of merges', 'a: { <<: [{ b: 1 }, { b: 2, c: 3 }] }', { a: { b: 1, c: 3 } }],
    ['dates', 'a: 2010-09-09', { a: '2010-09-09' }],
    ['keys that look like numbers', '200: ok\n007: bond', { 200: 'ok', '007': 'bond' }],
    [
      'short tags',
      'a: !Sub "${b}"\nc: !GetAtt d.e\nf: !If [g, !Ref h, i]',
      {
        a: { 'Fn::Sub': '${b}' },
        c: { 'Fn::GetAtt': 'd.e' },
        f: { 'Fn::If': ['g', { Ref: 'h' }, 'i'] },
      },
    ],
    ['standard tags', 'a: !!str 12\nb: !!int "3"', { a: '12', b: 3 }],
    ['block text', 'a: |\n  b\n  c\n', { a: 'b\nc\n' }],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    ['an open list', 'a: [', 't.yaml:1:5: '],
    ['a key twice', 'a: 1\nb: 2\na: 3', 't.yaml:3:1: Map keys must be unique'],
    ['__proto__', 'a: { __proto__: 1 }', 't.yaml:1:6: __proto__ cannot be a key'],
    ['a list as key', '? [a]\n: b', 't.yaml:1:3: a key must be text'],
    ['an anchor that is not there', 'a: *b', 't.yaml:1:4: there is no anchor "b" above'],
    ['an unknown tag', 'a: !Reff b', 't.yaml:1:10: unknown tag !Reff (did you mean "!Ref"?)'],
    ['two documents', 'a: 1\n---\nb: 2', 't.yaml:2:1: '],
    ['a merge of a text', 'a: { <<: b }', 'what << merges must be a mapping'],
    ['tabs', 'a:\n\tb: 1', 't.yaml:2:1: '],
  ])('%s is refused with its place', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

test('after a slip of syntax nothing else is told, keys that are there twice before it are', () => {
  const text = 'a: 1\na: 2\nprovider: { stage: ${opt:stage} }\nb: { c: [ {d: e} ] }\nb: 3\n';
  const problem = 't.yaml:2:1: Map keys must be unique\nt.yaml:3:21: ';
  expect(() => read(text)).toThrow(problem);
  expect(() => read(text)).not.toThrow(/t\.yaml:[45]:/);
});

describe('a file that asks for too much is refused, and quickly:', () => {
  test('a billion laughs', () => {
    const lines = ['a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
    for (let level = 1; level < 10; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(() => read(lines.join('\n'))).toThrow(
      `it stands for more than ${templateLimits.valuesMax} values`,
    );
  });

  test('an anchor that holds itself', () => {
    expect(() => read('a: &x [*x]')).toThrow('nested deeper than 100 levels');
  });

  test.each([
    ['101 brackets', `${'['.repeat(101)}${']'.repeat(101)}`],
    ['a million brackets', '['.repeat(1_000_000)],
    ['a million braces', '{a: '.repeat(250_000)],
    ['lists in lists', '- '.repeat(500_000)],
    ['keys in keys', '? '.repeat(500_000)],
    [
      'deeper and deeper lines',
      Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    ],
    ['brackets in deeper lines', `a:\n  ${'- '.repeat(300)}${'['.repeat(300)}`],
  ])('%s', (_, text) => {
    expect(() => read(text)).toThrow('nested deeper than 100 levels');
  });

  test('brackets in text and in comments are not counted', () => {
    const many = '['.repeat(5000);
    expect(read(`a: "${many}" # ${many}\nb: |\n  ${many}\n`)).toEqual({ a: many, b: `${many}\n` });
  });

  test('100 levels are not too many', () => {
    expect(read(`${'['.repeat(100)}${']'.repeat(100)}`)).toBeInstanceOf(Array);
  });

  test('files of 1 MB are read, longer ones and more than 200 are not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
    try {
      writeFileSync(join(folder, 'full'), 'x'.repeat(templateLimits.fileBytesMax));
      writeFileSync(join(folder, 'long'), 'x'.repeat(templateLimits.fileBytesMax + 1));
      const files = new ProjectFiles(folder);
      expect(files.read('full')).toHaveLength(templateLimits.fileBytesMax);
      expect(() => files.read('long')).toThrow('is larger than 1048576 bytes');
      expect(files.read('none')).toBeUndefined();
      expect(() => files.read('.')).toThrow('is no file');
      for (let count = 1; count < templateLimits.filesMax; count++) {
        writeFileSync(join(folder, `f${count}`), '');
        files.read(`f${count}`);
      }
      writeFileSync(join(folder, 'last'), '');
      expect(() => files.read('last')).toThrow('would be file number 201 of this template');
      // What was read is known, and costs nothing.
      expect(files.read('f1')).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('whatever YAML says of plain values, so do we', () => {
  const value = fc
    .jsonValue({ maxDepth: 4 })
    .filter((each) => !/__proto__/.test(JSON.stringify(each)));
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        value,
      ),
      (expected) => {
        // Numbers that print otherwise than they were written become text, on purpose.
        const plain = JSON.parse(JSON.stringify(expected), (_, each) =>
          typeof each === 'number' ? String(each) : each,
        );
        expect(read(stringify(plain))).toEqual(plain);
        expect(read(JSON.stringify(plain))).toEqual(plain);
      },
    ),
    { numRuns: 200 },
  );
});

test('any text is a value or a TemplateError', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'{}[]:,&*!|>-?"\'\n\t <#ab1', '!Ref ', '!Sub ', '&a', '*a'),
  });
  fc.assert(
    fc.property(text, (source) => {
      try {
        read(source);
      } catch (error) {
        expect(error).toBeInstanceOf(TemplateError);
      }
    }),
    { numRuns: 2000 },
  );
});
