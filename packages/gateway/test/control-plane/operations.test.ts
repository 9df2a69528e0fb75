import { describe, expect, test } from 'vitest';
import { operations } from '../../src/control-plane/operations.ts';

describe('The table of operations', () => {
  test('has every operation once, and every method and path once', () => {
    const v2 = operations.filter((row) => row.path.startsWith('/v2/'));
    const names = v2.map((row) => row.operation);
    // GetApi has a second row, for an empty id.
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual(['GetApi']);
    const targets = operations.map(
      (row) => `${row.method} ${row.path.replaceAll(/\{.*?\}/g, '*')}`,
    );
    expect(new Set(targets).size).toBe(targets.length);
    expect(new Set(names).size).toBe(77);
    const v1 = operations.filter((row) => !row.path.startsWith('/v2/'));
    expect(new Set(v1.map((row) => row.operation)).size).toBe(v1.length);
  });
});
