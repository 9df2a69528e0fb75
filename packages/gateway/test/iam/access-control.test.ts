import { expect, test } from 'vitest';
import { AccessControl } from '../../src/iam/access-control.ts';
import { compilePolicy } from '../../src/iam/policy.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { longTermKey } from './support/keys.ts';

/** What was allowed once is not looked up again; what may change is. */
const ACTION = 'execute-api:ManageConnections';
const RESOURCE = 'arn:aws:execute-api:us-east-1:000000000000:a1/test/POST/@connections/*';

const keyWith = (...statements: Record<string, unknown>[]) => ({
  ...longTermKey,
  policies: statements.map((Statement) => compilePolicy({ Version: '2012-10-17', Statement })),
});
const ALLOW = { Effect: 'Allow', Action: ACTION, Resource: RESOURCE };

function allows(control: AccessControl, key: ReturnType<typeof keyWith>, asked = {}): boolean {
  const permission = { action: ACTION, resource: RESOURCE, conditions: () => ({}), ...asked };
  try {
    control.authorize(key, permission);
    return true;
  } catch {
    return false;
  }
}

test('the same is allowed again, and nothing else with it', () => {
  const control = new AccessControl({ clock: new FakeClock() });
  const key = keyWith(ALLOW);
  for (let time = 0; time < 3; time += 1) {
    expect(allows(control, key)).toBe(true);
    expect(allows(control, key, { action: 'execute-api:Invoke' })).toBe(false);
    expect(allows(control, key, { resource: RESOURCE.replace('POST', 'GET') })).toBe(false);
  }
});

test('other policies of the same key say for themselves', () => {
  const control = new AccessControl({ clock: new FakeClock() });
  expect(allows(control, keyWith(ALLOW))).toBe(true);
  expect(allows(control, keyWith(ALLOW, { ...ALLOW, Effect: 'Deny' }))).toBe(false);
  expect(allows(control, keyWith())).toBe(false);
});

test('conditions are asked each time', () => {
  const clock = new FakeClock();
  const control = new AccessControl({ clock });
  const until = new Date(clock.now() + 60_000).toISOString();
  const key = keyWith({ ...ALLOW, Condition: { DateLessThan: { 'aws:CurrentTime': until } } });
  expect(allows(control, key)).toBe(true);
  expect(allows(control, key)).toBe(true);
  clock.jumpTo(clock.now() + 120_000);
  expect(allows(control, key)).toBe(false);
});

test('variables are resolved each time', () => {
  const control = new AccessControl({ clock: new FakeClock() });
  const Resource = RESOURCE.replace('a1', '$' + '{aws:username}');
  const policies = keyWith({ ...ALLOW, Resource }).policies;
  const named = (userName: string) => ({ ...longTermKey, userName, policies });
  expect(allows(control, named('a1'))).toBe(true);
  expect(allows(control, named('a2'))).toBe(false);
});

test('more resources than are remembered', () => {
  const control = new AccessControl({ clock: new FakeClock() });
  const key = keyWith({ ...ALLOW, Resource: 'arn:aws:execute-api:*:*:*/test/*' });
  for (let api = 0; api < 1100; api += 1) {
    expect(allows(control, key, { resource: RESOURCE.replace('a1', `a${api}`) })).toBe(true);
  }
});
