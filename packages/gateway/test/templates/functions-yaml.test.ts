import { expect, test } from 'vitest';
import { parseConfigFile } from '../../src/server/config-file.ts';
import { ConfigurationError } from '../../src/server/configuration-error.ts';

const functionsOf = (yaml: string) => parseConfigFile(yaml, 'postern.yaml').file.functions;

function problemsOf(yaml: string): readonly string[] {
  try {
    functionsOf(yaml);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

test('functions are told by name, with what the file says and no more', () => {
  expect(
    functionsOf(`
functions:
  chat: { handler: index.handler }
  arn:aws:lambda:eu-west-1:123456789012:function:history:
    handler: app.handler
    runtime: python3.12
    code: ./history
    environment: { TABLE: connections, EMPTY: '' }
    timeout: 30
    memorySize: 512
  native: { runtime: provided.al2023 }
  go: { command: [./bin/go, --serve] }
  attached: { runtime: provided, port: 9001, timeout: 900 }
  remote: { endpoint: 'https://lambda.eu-west-1.amazonaws.com' }
`),
  ).toEqual({
    chat: { handler: 'index.handler' },
    history: {
      handler: 'app.handler',
      runtime: 'python3.12',
      code: './history',
      environment: { TABLE: 'connections', EMPTY: '' },
      timeout: 30,
      memorySize: 512,
    },
    native: { runtime: 'provided.al2023' },
    go: { command: ['./bin/go', '--serve'] },
    attached: { runtime: 'provided', port: 9001, timeout: 900 },
    remote: { endpoint: 'https://lambda.eu-west-1.amazonaws.com' },
  });
});

test('a file without functions has none', () => {
  expect(functionsOf('port: 4080')).toEqual({});
});

test.each([
  ['{ handler: a.b, memory: 128 }', '.memory: unknown key'],
  ['{ code: ./chat }', ': missing: expected handler, or endpoint, or a provided runtime'],
  ['{ handler: 1 }', '.handler: expected a handler such as index.handler, got 1'],
  [
    '{ handler: a.b, runtime: java21 }',
    '.runtime: expected a runtime that begins with nodejs, python or provided, got "java21"',
  ],
  [
    '{ handler: a.b, timeout: 901 }',
    '.timeout: expected a whole number of seconds from 1 to 900, got 901',
  ],
  [
    '{ handler: a.b, timeout: 0 }',
    '.timeout: expected a whole number of seconds from 1 to 900, got 0',
  ],
  [
    '{ handler: a.b, environment: { PORT: 3000 } }',
    '.environment.PORT: expected text, in quotes if need be, got 3000',
  ],
  [
    '{ handler: a.b, environment: { AWS_LAMBDA_FUNCTION_NAME: other } }',
    '.environment.AWS_LAMBDA_FUNCTION_NAME: Lambda sets this variable itself: leave it out',
  ],
  [
    '{ endpoint: localhost }',
    '.endpoint: expected a URL that starts with http:// or https://, got "localhost"',
  ],
  ['{ endpoint: http://localhost, handler: a.b }', '.handler: has no meaning beside endpoint'],
  ['{ port: 9001, command: [./go] }', '.command: has no meaning beside port'],
  ['{ command: [] }', '.command: expected a program and its arguments, got a list'],
])('functions.chat: %s is a problem with its place', (entry, problem) => {
  expect(problemsOf(`functions: { chat: ${entry} }`)).toEqual([
    `postern.yaml: functions.chat${problem} (line 1)`,
  ]);
});

test('a key names one function, and each function has one', () => {
  expect(
    problemsOf(`functions:
  chat: { handler: a.b }
  arn:aws:lambda:eu-west-1:123456789012:function:chat: { handler: a.b }
  chat:prod: { handler: a.b }
  'a b': { handler: a.b }
`),
  ).toEqual([
    'postern.yaml: functions["arn:aws:lambda:eu-west-1:123456789012:function:chat"]: functions.chat is this function too (line 3)',
    'postern.yaml: functions["chat:prod"]: not a function name or ARN (line 4)',
    'postern.yaml: functions["a b"]: not a function name or ARN (line 5)',
  ]);
});
