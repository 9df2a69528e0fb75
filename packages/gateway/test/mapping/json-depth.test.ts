import { expect, test } from 'vitest';
import { isNestedTooDeep, jsonDepthMax } from '../../src/mapping/json-depth.ts';
import { MessageBody } from '../../src/mapping/scope.ts';

const arrays = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

test.each([arrays, objects])('a message at the limit is JSON, one level more is none', (nested) => {
  expect(new MessageBody(Buffer.from(nested(jsonDepthMax))).isJson).toBe(true);
  expect(new MessageBody(Buffer.from(nested(jsonDepthMax + 1))).isJson).toBe(false);
});

test('brackets in strings, and those that are closed again, count for nothing', () => {
  const texts = [
    JSON.stringify({ text: '[{'.repeat(2000), more: '"\\"[[['.repeat(1000) }),
    JSON.stringify(Array.from({ length: 2000 }, () => ({ a: [1] }))),
    `${' '.repeat(5000)}[]`,
    '"'.padEnd(5000, '['),
  ];
  expect(texts.map(isNestedTooDeep)).toEqual(texts.map(() => false));
});
