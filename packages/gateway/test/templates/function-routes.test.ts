import { expect, test } from 'vitest';
import { parseConfigFile } from '../../src/server/config-file.ts';

const routesOf = (routes: string) =>
  parseConfigFile(`apis:\n  chat:\n    routes:\n${routes}`, 'postern.yaml').file.apis[0]!.routes;

test('a route may name a function in place of a URL', () => {
  const [route] = routesOf('      $default: { function: chat, twoWay: true, timeout: 5000 }\n');
  expect(route).toEqual({
    routeKey: '$default',
    type: 'AWS_PROXY',
    uri: 'arn:aws:lambda:us-east-1:000000000000:function:chat',
    method: 'POST',
    timeoutMillis: 5000,
    headers: {},
    query: {},
    isTwoWay: true,
  });
});

test.each([
  ['{ function: chat, url: "http://h/" }', 'either url or function is needed'],
  ['{ twoWay: true }', 'either url or function is needed'],
  ['{ function: chat, headers: { a: "\'b\'" } }', 'has no meaning beside function'],
  ['{ function: "a b" }', 'the name of a Lambda function'],
])('%s: %s', (route, message) => {
  expect(() => routesOf(`      $default: ${route}\n`)).toThrow(message);
});

test('endpoints of AWS services stand under services', () => {
  const { file } = parseConfigFile('services: { sqs: http://localhost:9324 }\n', 'postern.yaml');
  expect(file.services).toEqual({ sqs: 'http://localhost:9324' });
});
