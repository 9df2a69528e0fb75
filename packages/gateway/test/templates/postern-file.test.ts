import { expect, test } from 'vitest';
import { parseConfigFile } from '../../src/server/config-file.ts';
import { newcomerApi } from '../../src/templates/newcomer-api.ts';
import { apiIdOf } from '../../src/templates/postern-file.ts';

const apisOf = (yaml: string) => parseConfigFile(yaml, 'postern.yaml').file.apis;

test('ten lines are an API: everything else has a default', () => {
  const [chat] = apisOf(`
apis:
  chat:
    routes:
      $connect: http://localhost:3000/ws/connect
      $disconnect: http://localhost:3000/ws/disconnect
      $default: http://localhost:3000/ws/message
`);
  expect(chat).toEqual({
    name: 'chat',
    id: apiIdOf('chat'),
    stage: 'production',
    routeSelectionExpression: '$request.body.action',
    stageVariables: {},
    settings: {},
    routes: ['connect', 'disconnect', 'default'].map((name) => ({
      routeKey: `$${name}`,
      type: 'HTTP_PROXY',
      uri: `http://localhost:3000/ws/${name === 'default' ? 'message' : name}`,
      method: 'POST',
      timeoutMillis: 29_000,
      headers: { connectionId: 'context.connectionId' },
      query: {},
      isTwoWay: false,
    })),
  });
});

test('the long form says everything', () => {
  const [chat] = apisOf(`
apis:
  chat:
    id: chatchatch1
    stage: prod
    routeSelectionExpression: $request.body.type
    headers: { connectionId: context.connectionId, env: "'test'" }
    stageVariables: { host: localhost }
    settings: { idleTimeoutSeconds: 0, binaryFrames: true }
    routes:
      send-message:
        url: http://\${stageVariables.host}:3000/send
        method: PUT
        timeout: 50
        headers: { env: stageVariables.host, user: context.authorizer.user }
        query: { id: context.connectionId }
        twoWay: true
`);
  expect(chat).toEqual({
    name: 'chat',
    id: 'chatchatch1',
    stage: 'prod',
    routeSelectionExpression: '$request.body.type',
    stageVariables: { host: 'localhost' },
    settings: { idleTimeoutSeconds: '0', binaryFrames: 'true' },
    routes: [
      {
        routeKey: 'send-message',
        type: 'HTTP_PROXY',
        uri: 'http://${stageVariables.host}:3000/send',
        method: 'PUT',
        timeoutMillis: 50,
        headers: {
          connectionId: 'context.connectionId',
          env: 'stageVariables.host',
          user: 'context.authorizer.user',
        },
        query: { id: 'context.connectionId' },
        isTwoWay: true,
      },
    ],
  });
});

test('headers of an API replace the default; none at all is a choice', () => {
  const routes = 'routes: { $default: http://localhost }';
  const headers = (yaml: string) => apisOf(yaml)[0]!.routes[0]!.headers;
  expect(
    headers(`apis: { a: { ${routes}, headers: { user: context.identity.sourceIp } } }`),
  ).toEqual({ user: 'context.identity.sourceIp' });
  expect(headers(`apis: { a: { ${routes}, headers: {} } }`)).toEqual({});
});

test('an id derived from a name is ten characters, always the same, another for another name', () => {
  expect(apiIdOf('chat')).toMatch(/^[a-z][a-z0-9]{9}$/);
  expect(apiIdOf('chat')).toBe(apiIdOf('chat'));
  expect(apiIdOf('chat')).not.toBe(apiIdOf('chat2'));
  // Part of addresses that people keep: a change of the derivation would break them.
  expect(apiIdOf('default')).toMatchInlineSnapshot(`"yjqupevgig"`);
});

test('the API of --backend has the routes of the guide, below the path of the URL', () => {
  const api = newcomerApi('http://localhost:3000/api/');
  expect(api).toMatchObject({ name: 'default', id: apiIdOf('default'), stage: 'production' });
  expect(api.routes.map(({ routeKey, uri }) => `${routeKey} ${uri}`)).toEqual([
    '$connect http://localhost:3000/api/ws/connect',
    '$disconnect http://localhost:3000/api/ws/disconnect',
    '$default http://localhost:3000/api/ws/message',
  ]);
  expect(api.routes.every(({ headers }) => headers.connectionId === 'context.connectionId')).toBe(
    true,
  );
});
