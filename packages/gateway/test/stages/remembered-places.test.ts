import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, parseAddress } from '../../src/stages/address.ts';

const segment = fc.constantFrom(
  '',
  'a1b2c3',
  'test',
  'te%73t',
  '@connections',
  '%40connections',
  'L0SM9cOFvIHw%3D',
  '%zz',
);
const path = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);

test('an address reads the same however often its beginning came before', () => {
  let hosts = 0;
  fc.assert(
    fc.property(path, (rawPath) => {
      // A host that nobody has come to is not remembered.
      const fresh = { ...parseAddress(`fresh${hosts++}.example.com`, rawPath), host: '' };
      for (let time = 0; time < 3; time += 1) {
        expect({ ...parseAddress('example.com:4080', rawPath), host: '' }).toEqual(fresh);
      }
    }),
    { numRuns: 2000 },
  );
});

test('ids behind a remembered place are their own', () => {
  const address = (id: string) => parseAddress('h', `/test/@connections/${id}`);
  expect(address('one').connection).toEqual(['one']);
  expect(address('two').connection).toEqual(['two']);
  expect(address('').connection).toEqual(['']);
  expect(address('two/').connection).toEqual(['two']);
  expect(parseAddress('other', '/test/@connections/one').host).toBe('other');
});

test('more places than are remembered', () => {
  for (let stage = 0; stage < 1100; stage += 1) {
    expect(parseAddress('h', `/s${stage}/@connections/id`).segments).toEqual([`s${stage}`]);
  }
});

test.each([
  ['abc%3D%3D', 'abc=='],
  ['%61bc%3D%3D', 'abc=='],
  ['abc%3d%3d', 'abc=='],
  ['abc%3D', 'abc='],
  ['%3D%3D', '=='],
  ['abc==', 'abc=='],
  ['%zz%3D%3D', '%zz%3D%3D'],
])('%s is decoded as %s', (sent, decoded) => {
  expect(decode(sent)).toBe(decoded);
});
