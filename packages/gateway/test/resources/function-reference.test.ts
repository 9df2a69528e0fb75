import { expect, test } from 'vitest';
import { parseFunctionUri } from '../../src/resources/function-reference.ts';

const path = (fn: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn}/invocations`;
const arn = 'arn:aws:lambda:us-east-1:123456789012:function:chat';

test.each([
  ['chat', { functionName: 'chat' }],
  ['chat:prod', { functionName: 'chat', qualifier: 'prod' }],
  ['my-chat-1:7', { functionName: 'my-chat-1', qualifier: '7' }],
  ['123456789012:function:chat', { functionName: 'chat' }],
  [arn, { functionName: 'chat' }],
  [`${arn}:$LATEST`, { functionName: 'chat', qualifier: '$LATEST' }],
  [
    'arn:aws-cn:lambda:cn-north-1:123456789012:function:chat:3',
    { functionName: 'chat', qualifier: '3' },
  ],
])('the function %s', (text, expected) => {
  expect(parseFunctionUri(text)).toEqual(expected);
  expect(parseFunctionUri(path(text))).toEqual(expected);
});

test.each([
  '',
  'a b',
  'chat:',
  `${arn}:`,
  'arn:aws:sqs:us-east-1:123456789012:queue',
  'arn:aws:apigateway:us-east-1:dynamodb:action/PutItem',
  path(''),
  path('${stageVariables.function}'),
  'http://localhost:3000/chat',
])('%j names no function', (text) => {
  expect(parseFunctionUri(text)).toBeUndefined();
});

test('an integration URI of another partition and region', () => {
  const uri = path(arn).replace('arn:aws:apigateway:us-east-1', 'arn:aws-us-gov:apigateway:local');
  expect(parseFunctionUri(uri)).toEqual({ functionName: 'chat' });
});
