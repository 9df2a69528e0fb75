import { describe, expect, test } from 'vitest';
import { useControlPlane } from '../support/start-control-plane.ts';
import { add, badRequest, outcome, patch, remove, replace } from '../support/v1.ts';

const plane = useControlPlane();
const bare = {
  apiKeyVersion: '4',
  features: ['UsagePlans'],
  throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
};
const cloudwatchRoleArn = 'arn:aws:iam::123456789012:role/logs';

describe('The account', () => {
  test('has a role for logs, once it is set', async () => {
    expect((await plane.send('GET', '/account')).json).toEqual(bare);
    const set = await patch(plane, '/account', replace('/cloudwatchRoleArn', cloudwatchRoleArn));
    expect(outcome(set)).toEqual({ status: 200, body: { ...bare, cloudwatchRoleArn } });
    expect((await plane.send('GET', '/account')).json).toEqual({ ...bare, cloudwatchRoleArn });
    expect((await patch(plane, '/account', remove('/cloudwatchRoleArn'))).json).toEqual(bare);
    await patch(plane, '/account', replace('/cloudwatchRoleArn', cloudwatchRoleArn));
    expect((await patch(plane, '/account', replace('/cloudwatchRoleArn', ''))).json).toEqual(bare);
  });

  test('has usage plans already when they are switched on', async () => {
    expect((await patch(plane, '/account', add('/features', 'UsagePlans'))).json).toEqual(bare);
  });

  test.each([
    [replace('/cloudwatchRoleArn', 'me'), 'Invalid ARN specified in the request'],
    [add('/features', 'Other'), 'Invalid features specified. Must be one of [UsagePlans]'],
    [
      replace('/throttleSettings/rateLimit', '1'),
      "Invalid patch path  '/throttleSettings/rateLimit' specified for op 'replace'. " +
        'Must be one of: [/cloudwatchRoleArn]',
    ],
  ])('refuses %j', async (operation, message) => {
    expect(outcome(await patch(plane, '/account', operation))).toEqual(badRequest(message));
  });
});
