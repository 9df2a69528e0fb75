import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileParameterMappings,
  ParameterMappingError,
} from '../../src/mapping/parameter-mapping.ts';
import { type EventScope, MessageBody } from '../../src/mapping/scope.ts';

const connection = {
  apiId: 'a1b2c3d4e5',
  connectionId: 'gbgA_A9XiQAYKEiI6A==',
  identity: { sourceIp: '203.0.113.7', userAgent: 'device/1' },
  authorizer: { principalId: 'me', level: 7 },
};

const scope: EventScope = {
  connection,
  context: {
    routeKey: '$connect',
    disconnectStatusCode: 1005,
    eventType: 'CONNECT',
    extendedRequestId: 'EOn3lGUtIAMEktQ=',
    requestTime: '25/Sep/2026:00:02:11 +0000',
    messageDirection: 'IN',
    stage: 'test',
    connectedAt: 1790294531886,
    requestTimeEpoch: 1790294531887,
    requestId: 'EOn3lGUtIAMEktQ=',
    domainName: 'gateway.example',
    ...connection,
    authorizer: { ...connection.authorizer, integrationLatency: 12 },
  },
  stageVariables: { color: 'blue', empty: '' },
  handshake: {
    headers: new Map([
      ['X-One', ['1']],
      ['X-Two', ['a', 'b']],
    ]),
    query: new Map([['token', ['first', 'last']]]),
  },
  body: new MessageBody(Buffer.from('{"a":{"b":[1,2]},"text":"x","none":null}')),
};

const read = (source: string) =>
  compileParameterMappings({ 'integration.request.header.x': source })[0]?.read(scope);

test.each([
  ['context.connectionId', ['gbgA_A9XiQAYKEiI6A==']],
  ['context.identity.sourceIp', ['203.0.113.7']],
  ['context.connectedAt', ['1790294531886']],
  ['context.disconnectStatusCode', ['1005']],
  ['context.authorizer.principalId', ['me']],
  ['context.authorizer.level', ['7']],
  ['context.authorizer.missing', []],
  ['context.authorizer.integrationLatency', ['12']],
  ['context.constructor', []],
  ['context.__proto__.x', []],
  ['stageVariables.color', ['blue']],
  ['stageVariables.empty', []],
  ['stageVariables.toString', []],
  ["'literal value'", ['literal value']],
  ["''", []],
  ['route.request.header.X-One', ['1']],
  ['route.request.header.x-one', []],
  ['route.request.header.X-Two', ['b']],
  ['route.request.multivalueheader.X-Two', ['a,b']],
  ['route.request.querystring.token', ['last']],
  ['route.request.multivaluequerystring.token', ['first', 'last']],
  ['method.request.querystring.token', ['last']],
  ['route.request.body', ['{"a":{"b":[1,2]},"text":"x","none":null}']],
  ['route.request.body.text', ['x']],
  ['route.request.body.a.b[1]', ['2']],
  ['route.request.body.a', ['{"b":[1,2]}']],
  ['route.request.body.missing', []],
])('%s reads %j', (source, expected) => {
  expect(read(source)).toEqual(expected);
});

describe('what cannot be mapped says so', () => {
  test.each([
    ['integration.request.header.', 'context.stage'],
    ['integration.request.cookie.x', 'context.stage'],
    ['integration.request.header.a b', 'context.stage'],
    ['header.x', 'context.stage'],
    ['integration.request.header.x', 'context'],
    ['integration.request.header.x', 'nonsense'],
    ['integration.request.header.x', "'open"],
    ['integration.request.header.x', 'route.request.header'],
    ['integration.request.header.x', 'route.request.cookie.x'],
    ['integration.request.header.x', '$request.header.x'],
    ['integration.request.header.Content-Length', "'1'"],
    ['integration.request.header.transfer-encoding', "'chunked'"],
    ['integration.request.header.X-Amzn-Trace-Id', "'1'"],
  ])('%s: %s', (key, source) => {
    expect(() => compileParameterMappings({ [key]: source })).toThrow(ParameterMappingError);
  });
});

test('no mapping makes the parser or a reader fail with anything but its own error', () => {
  const word = fc.constantFrom(
    'integration.request.',
    'header',
    'querystring',
    'path',
    '.x',
    'context',
    'stageVariables',
    'route.request.body',
    'route.request.header',
    'method.request.',
    '__proto__',
    'constructor',
    "'",
    '$',
    '.',
    '[0]',
    '..*',
    '[?(@.a)]',
    '\r\n',
  );
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
  fc.assert(
    fc.property(text, text, (key, source) => {
      for (const name of [key, 'integration.request.header.x']) {
        try {
          for (const { read } of compileParameterMappings({ [name]: source })) {
            expect(read(scope).every((value) => typeof value === 'string')).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ParameterMappingError);
        }
      }
    }),
    { seed: 20261122, numRuns: 3000 },
  );
});
