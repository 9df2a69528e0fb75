import { describe, expect, test } from 'vitest';
import { hostList } from '../../src/ambient/host-list.ts';

describe('names', () => {
  test.each([
    ['backend.internal', 'backend.internal', true],
    ['Backend.Internal', 'BACKEND.internal.', true],
    ['backend.internal', 'other.backend.internal', false],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'badexample.com', false],
    ['10.0.0.0/8, backend', 'backend', true],
    ['private', 'private', false],
    ['metadata', 'metadata', false],
  ])('of "%s", %s: %s', (list, host, expected) => {
    expect(hostList(list)!.hasName(host)).toBe(expected);
  });
});

describe('private', () => {
  test.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'ff02::1',
    '168.63.129.16',
  ])('has %s', (address) => {
    expect(hostList('private')!.hasAddress(address)).toBe(true);
  });

  test.each([
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '2600::1',
  ])('has not %s', (address) => {
    expect(hostList('private')!.hasAddress(address)).toBe(false);
  });
});

test.each(['', ' , '])('"%s" is no list', (text) => {
  expect(hostList(text)).toBeUndefined();
});

test.each([
  'a b',
  'http://x',
  '10.0.0.0/33',
  '10.0.0',
  '300.1.1.1',
  '*',
  '*.',
  'a..b/',
  'x:80',
  '-',
])('"%s" is refused with its name', (entry) => {
  expect(() => hostList(`localhost, ${entry}`)).toThrow(`"${entry}" is no `);
});
