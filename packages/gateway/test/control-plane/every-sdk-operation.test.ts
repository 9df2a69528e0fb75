import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { describe, expect, test } from 'vitest';
import { operations } from '../../src/control-plane/operations.ts';
import { refusal } from './support/refusal.ts';
import { deleting, type Ids, rows } from './support/sdk-operations.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();

describe('the AWS SDK for JavaScript', () => {
  const ids: Ids = {};

  test.each(rows)('$call', async ({ call, input, keeps = [], shows = {}, refused }) => {
    const asked = (plane.aws[call] as (input: unknown) => Promise<object>)(input?.(ids) ?? {});
    if (refused !== undefined) {
      expect(await refusal(asked)).toMatchObject({ name: 'BadRequestException', status: refused });
      return;
    }
    const answer = (await asked) as Record<string, unknown>;
    expect(answer).toMatchObject(shows);
    for (const name of keeps) ids[name] = String(answer[name]);
    // What is deleted is gone: another time it is not found.
    if (deleting.some((row) => row.call === call)) {
      const again = (plane.aws[call] as (input: unknown) => Promise<object>)(input!(ids));
      expect(await refusal(again)).toMatchObject({ name: 'NotFoundException', status: 404 });
    }
  });

  test('has no other operation of WebSocket APIs, and the gateway knows each of them', () => {
    const called = rows.map(({ call }) => call.toLowerCase()).sort();
    const known = operations.filter(({ path }) => path.startsWith('/v2/'));
    expect(called).toEqual([...new Set(known.map((row) => row.operation.toLowerCase()))].sort());
    const methods = Object.getOwnPropertyNames(ApiGatewayV2.prototype).filter(
      (name) =>
        !/^constructor$|Portal|ProductPage|ProductRestEndpoint|^paginate|^waitUntil/.test(name),
    );
    expect(methods.map((name) => name.toLowerCase()).sort()).toEqual(called);
  });
});
