import { expect, test } from 'vitest';
import { functionsOfStacks } from '../../src/server/function-folder.ts';

function seen(value: string, url = 'http://127.0.0.1:4080'): string {
  // The API is of one stack, the function of another.
  const stacks = [
    { apiIds: [], functions: { f: { environment: { URL: value } } } },
    { apiIds: ['a1b2c3d4e5'], functions: {} },
  ];
  return functionsOfStacks(stacks as never, url).f!.environment!.URL!;
}

test.each([
  [
    'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod',
    'http://127.0.0.1:4080/a1b2c3d4e5/prod',
  ],
  [
    'wss://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod',
    'ws://127.0.0.1:4080/a1b2c3d4e5/prod',
  ],
  // As often: the handler puts https:// before it.
  ['a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod', '127.0.0.1:4080/a1b2c3d4e5/prod'],
  [
    'https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn',
    'http://127.0.0.1:4080/a1b2c3d4e5',
  ],
  ['a,a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/x,b', 'a,127.0.0.1:4080/a1b2c3d4e5/x,b'],
  // An API of somebody else stays where it is.
  [
    'https://otherother.execute-api.us-east-1.amazonaws.com/prod',
    'https://otherother.execute-api.us-east-1.amazonaws.com/prod',
  ],
  [
    'xa1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
    'xa1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
  ],
  [
    'arn:aws:execute-api:us-east-1:1:a1b2c3d4e5/prod/*',
    'arn:aws:execute-api:us-east-1:1:a1b2c3d4e5/prod/*',
  ],
])('a function of a stack finds %s at %s', (written, expected) => {
  expect(seen(written)).toBe(expected);
});

test('where the gateway serves TLS, addresses say so', () => {
  const url = 'https://push.example.com';
  expect(seen('https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/x', url)).toBe(
    `${url}/a1b2c3d4e5/x`,
  );
  expect(seen('a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/x', url)).toBe(
    'push.example.com/a1b2c3d4e5/x',
  );
});
