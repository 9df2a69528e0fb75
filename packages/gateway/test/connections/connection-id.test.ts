import { expect, test } from 'vitest';
import {
  ConnectionIds,
  incarnationOf,
  isConnectionId,
} from '../../src/connections/connection-id.ts';

/** Found by the aws CLI, which took `--connection-id -yIz…==` for two options. */
test('every id begins with a letter, whatever was drawn', () => {
  const first = Array.from({ length: 256 }, (_, byte) => {
    const id = new ConnectionIds({ bytes: (length) => new Uint8Array(length).fill(byte) }).next();
    expect(isConnectionId(id)).toBe(true);
    return id[0]!;
  });
  expect(first.filter((character) => !/[A-Za-z]/.test(character))).toEqual([]);
});

test('an id names its node by its first four bytes, in either alphabet', () => {
  for (let drawn = 0; drawn < 2000; drawn += 1) {
    const bytes = Buffer.from(
      Array.from({ length: 13 }, (_, at) => (drawn * 7919 + at * 104_729) % 256),
    );
    const node = bytes.toString('hex', 0, 4);
    expect(incarnationOf(bytes.toString('base64'))).toBe(node);
    expect(incarnationOf(bytes.toString('base64url'))).toBe(node);
  }
  expect(incarnationOf('')).toBe('00000000');
});
