import { describe, expect, test } from 'vitest';
import { operations } from '../../src/control-plane/operations.ts';
import { unsupportedOperations } from '../../src/control-plane/unsupported.ts';
import { badRequest, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();

describe('Operations of AWS that this version has not', () => {
  test.each(unsupportedOperations.map((row) => [row.operation, row.method, row.path]))(
    '%s (%s %s) says so',
    async (operation, method, path) => {
      const url = path.replaceAll(/\{[^}]+\}/g, 'abc');
      const { status, headers, json } = await plane.send(
        method,
        url,
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      expect(status).toBe(400);
      expect(headers.get('x-amzn-errortype')).toBe('BadRequestException');
      expect(json.message).toBe(`The operation ${operation} is not supported by this version`);
    },
  );

  test('reach the SDK as a typed exception', async () => {
    const call = plane.aws.getVpcLinks({});
    expect(await refusal(call)).toEqual(
      badRequest('The operation GetVpcLinks is not supported by this version'),
    );
  });
});

describe('The table of operations', () => {
  test('has every operation once, and every method and path once', () => {
    const names = operations.map((row) => row.operation);
    // GetApi has a second row, for an empty id.
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual(['GetApi']);
    const targets = operations.map(
      (row) => `${row.method} ${row.path.replaceAll(/\{.*?\}/g, '*')}`,
    );
    expect(new Set(targets).size).toBe(targets.length);
    expect(new Set(names).size).toBe(77);
  });
});
