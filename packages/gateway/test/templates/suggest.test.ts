import { expect, test } from 'vitest';
import { suggest } from '../../src/templates/suggest.ts';

const KNOWN = ['port', 'host', 'publicUrl', 'drainSeconds', '$connect', '$disconnect'];

test.each([
  ['prot', 'port'],
  ['Host', 'host'],
  ['publicURI', 'publicUrl'],
  ['drainSecond', 'drainSeconds'],
  ['$conect', '$connect'],
])('%s is a slip of %s', (word, name) => {
  expect(suggest(word, KNOWN)).toBe(name);
});

test.each(['x', 'colour', 'timeoutSeconds', ''])('%j is near nothing', (word) => {
  expect(suggest(word, KNOWN)).toBeUndefined();
});
