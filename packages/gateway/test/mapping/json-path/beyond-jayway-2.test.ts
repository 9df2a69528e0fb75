import { expect, test } from 'vitest';
import { compileJsonPath } from '../../../src/mapping/json-path/json-path.ts';

/** Where Jayway 2.0.0 gives up or errs, and we follow its later versions or plain sense. */
const books = [
  { title: 'Sayings', price: 8, tags: ['a', 'b'], kind: 'x' },
  { title: 'Sword', price: 12, kind: 'y' },
  { title: 'Moby', price: 9, tags: [], kind: 'y' },
];

const titles: Readonly<Record<string, readonly string[]>> = {
  '$[?(10 > @.price)].title': ['Sayings', 'Moby'],
  '$[?(@.kind == "y")].title': ['Sword', 'Moby'],
  "$[?((@.price < 9 || @.price > 11) && @.kind == 'y')].title": ['Sword'],
  "$[?(@.kind == 'x' && @.price > 9 || @.price == 12)].title": ['Sword'],
  "$[?(!(@.kind == 'y'))].title": ['Sayings'],
  "$[?(@.title in ['Moby', 'Sword'])].title": ['Sword', 'Moby'],
  "$[?(@.title nin ['Moby', 'Sword'])].title": ['Sayings'],
  "$[?(@.tags contains 'a')].title": ['Sayings'],
  "$[?(@.title contains 'or')].title": ['Sword'],
  "$[?('b' in @.tags)].title": ['Sayings'],
  '$[?(@.tags size 2)].title': ['Sayings'],
  '$[?(@.tags empty true)].title': ['Moby'],
  '$[?(@.tags.length() >= 1)].title': ['Sayings'],
};

for (const [path, expected] of Object.entries(titles)) {
  test(`${path} finds ${expected.join(' and ')}`, () => {
    expect(compileJsonPath(path).read(books)).toEqual(expected);
  });
}

const values: readonly (readonly [path: string, document: unknown, expected: unknown])[] = [
  ['$[-1].title', books, 'Moby'],
  ['$[-9]', books, undefined],
  ['$["a"]', { a: 1 }, 1],
  ["$['it\\'s']", { "it's": 1 }, 1],
  ["$['a','b'].c", { a: 1, b: 2, c: 3 }, undefined],
  ['$.length()', books, 3],
  ['$.length()', { a: 1, b: 2 }, 2],
  ['$.size()', books, 3],
  ['$.keys()', { a: 1, b: 2 }, ['a', 'b']],
  ['$..price.sum()', books, 29],
  ['$..price.min()', books, 8],
  ['$..price.max()', books, 12],
  ['$.avg()', [1, 2, 'x', 3], 2],
  ['$.stddev()', [2, 4, 4, 4, 5, 5, 7, 9], 2],
  ['$.min()', [], undefined],
  ['$.missing.length()', {}, undefined],
];

for (const [path, document, expected] of values) {
  test(`${path} reads ${JSON.stringify(expected)} from ${JSON.stringify(document)}`, () => {
    expect(compileJsonPath(path).read(document)).toEqual(expected);
  });
}

const rejected = [
  '$[?]',
  '$[?(@.price <> 8)]',
  '$[1a]',
  "$['a']b",
  '$[1,2:3]',
  '$.nonsense()',
  '$.length().a',
  '$[?(@.a =~ /[/)]',
  '$[?(@.a =~ a)]',
  "$['a",
  '',
];

for (const path of rejected) {
  test(`${JSON.stringify(path)} does not compile`, () => {
    expect(() => compileJsonPath(path)).toThrow(expect.objectContaining({ name: 'JsonPathError' }));
  });
}

test('an error names the position of the first wrong character', () => {
  expect(() => compileJsonPath('$.a[?(@.b = 1)]')).toThrow('Expected ) at character 10');
});
