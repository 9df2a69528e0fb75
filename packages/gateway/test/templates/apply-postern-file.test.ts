import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/ambient/random.ts';
import { createControlPlane } from '../../src/control-plane/control-plane.ts';
import { EmbeddedEngine } from '../../src/engines/embedded/embedded-engine.ts';
import { parseConfigFile } from '../../src/server/config-file.ts';
import { controlCall } from '../../src/server/control-call.ts';
import { applyPosternFile } from '../../src/templates/apply-postern-file.ts';
import type { ControlCall } from '../../src/templates/control-client.ts';
import { engineStackStore } from '../../src/templates/stack/stack-store.ts';
import { FakeClock } from '../support/fake-clock.ts';

let engine: EmbeddedEngine;
let call: ControlCall;
/** Every call that was no GET, since the last look. */
let writes: string[];

beforeEach(async () => {
  engine = new EmbeddedEngine({ ephemeral: true });
  await engine.start();
  const plane = createControlPlane({
    store: engine.resources,
    counters: engine.counters,
    clock: new FakeClock(),
    random: systemRandom,
    accountId: '000000000000',
    region: 'us-east-1',
    endpointOf: (apiId) => `ws://127.0.0.1/${apiId}`,
  });
  const direct = controlCall(plane);
  writes = [];
  call = (method, path, body) => {
    if (method !== 'GET') writes.push(`${method} ${path}`);
    return direct(method, path, body);
  };
});
afterEach(() => engine.stop());

const apply = (yaml: string) =>
  applyPosternFile(parseConfigFile(yaml, 'postern.yaml').file, {
    // Looked up at every call: some tests put something in between.
    call: (...args) => call(...args),
    store: engineStackStore(engine.resources),
    region: 'us-east-1',
    account: '000000000000',
  });

// biome-ignore lint/suspicious/noExplicitAny: answers of the wire, looked at field by field
async function get(path: string): Promise<any> {
  const answer = await call('GET', path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
  return answer.body;
}

/** The deployed form of each route: what a client would meet. */
async function integrations(apiId: string) {
  const [routes, all] = [
    await get(`/v2/apis/${apiId}/routes`),
    await get(`/v2/apis/${apiId}/integrations`),
  ];
  const byTarget = new Map(
    // biome-ignore lint/suspicious/noExplicitAny: as above
    all.items.map((one: any) => [`integrations/${one.integrationId}`, one]),
  );
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const byKey = routes.items.map((route: any) => [route.routeKey, byTarget.get(route.target)]);
  return Object.fromEntries(byKey);
}

const CHAT = `
apis:
  chat:
    id: chatchatch
    routes:
      $connect: http://localhost:3000/ws/connect
      $default: http://localhost:3000/ws/message?key=hush
`;

describe('a new file', () => {
  test('becomes an API with routes, integrations, a stage and a deployment', async () => {
    expect(await apply(CHAT)).toEqual([
      'Created API chat (chatchatch)',
      'chat: added route $connect',
      'chat: added route $default',
      'chat: deployed',
      'chat: added stage production',
    ]);
    expect(await get('/v2/apis/chatchatch')).toMatchObject({
      name: 'chat',
      protocolType: 'WEBSOCKET',
      routeSelectionExpression: '$request.body.action',
      tags: { 'postern:source': 'stack/postern-yaml--chatchatch', _custom_id_: 'chatchatch' },
    });
    expect(await integrations('chatchatch')).toMatchObject({
      $connect: {
        integrationType: 'HTTP_PROXY',
        integrationMethod: 'POST',
        integrationUri: 'http://localhost:3000/ws/connect',
        connectionType: 'INTERNET',
        timeoutInMillis: 29_000,
        requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
      },
      $default: { integrationUri: 'http://localhost:3000/ws/message?key=hush' },
    });
    const stage = await get('/v2/apis/chatchatch/stages/production');
    const deployments = await get('/v2/apis/chatchatch/deployments');
    expect(deployments.items).toMatchObject([{ deploymentId: stage.deploymentId }]);
  });

  test('applied again changes nothing, and nothing is written', async () => {
    await apply(CHAT);
    writes = [];
    expect(await apply(CHAT)).toEqual([]);
    expect(writes).toEqual([]);
  });
});

describe('a changed file', () => {
  beforeEach(() => apply(CHAT));

  test('changes the routes it changes, removes those it dropped, and deploys once', async () => {
    writes = [];
    const changes = await apply(`
apis:
  chat:
    id: chatchatch
    routes:
      $connect: http://localhost:3000/ws/connect
      send:
        url: http://localhost:3000/send
        method: PUT
        timeout: 5000
        headers: { user: "'me'" }
        query: { id: context.connectionId }
`);
    expect(changes).toEqual([
      'chat: added route send',
      'chat: deployed',
      'chat: removed route $default',
    ]);
    const found = await integrations('chatchatch');
    expect(Object.keys(found).sort()).toEqual(['$connect', 'send']);
    expect(found.send).toMatchObject({
      integrationMethod: 'PUT',
      timeoutInMillis: 5000,
      requestParameters: {
        'integration.request.header.connectionId': 'context.connectionId',
        'integration.request.header.user': "'me'",
        'integration.request.querystring.id': 'context.connectionId',
      },
    });
    expect((await get('/v2/apis/chatchatch/integrations')).items).toHaveLength(2);
    expect((await get('/v2/apis/chatchatch/deployments')).items).toHaveLength(1);
    expect(writes.filter((write) => write.endsWith('/deployments'))).toHaveLength(1);
  });

  test('a header mapping that left the file leaves the integration', async () => {
    const changes = await apply(CHAT.replace('routes:', 'headers: {}\n    routes:'));
    expect(changes).toContain(
      'chat: changed integration http://localhost:3000/ws/connect (RequestParameters)',
    );
    const { $connect } = await integrations('chatchatch');
    expect($connect.requestParameters ?? {}).toEqual({});
  });

  test('twoWay gives the route its expression and its response, and takes them back', async () => {
    const url = 'http://localhost:3000/ws/message?key=hush';
    expect(await apply(CHAT.replace(url, `{ url: "${url}", twoWay: true }`))).toEqual([
      'chat: changed route $default (RouteResponseSelectionExpression)',
      'chat: deployed',
    ]);
    const route = async () =>
      (await get('/v2/apis/chatchatch/routes')).items.find(
        (one: { routeKey: string }) => one.routeKey === '$default',
      );
    const { routeId, routeResponseSelectionExpression } = await route();
    const responses = () => get(`/v2/apis/chatchatch/routes/${routeId}/routeresponses`);
    expect(routeResponseSelectionExpression).toBe('$default');
    expect((await responses()).items).toMatchObject([{ routeResponseKey: '$default' }]);

    await apply(CHAT);
    expect((await route()).routeResponseSelectionExpression ?? '').toBe('');
    expect((await responses()).items).toEqual([]);
  });

  test('stage variables are set at once, without a deployment', async () => {
    const yaml = CHAT.replace('routes:', 'stageVariables: { a: one, b: two }\n    routes:');
    expect(await apply(yaml)).toEqual(['chat: changed stage production (StageVariables)']);
    expect(await apply(yaml.replace('a: one, ', ''))).toHaveLength(1);
    const { stageVariables } = await get('/v2/apis/chatchatch/stages/production');
    expect(stageVariables).toEqual({ b: 'two' });
  });

  test('another stage takes the place of the one before', async () => {
    expect(await apply(CHAT.replace('routes:', 'stage: prod\n    routes:'))).toEqual([
      'chat: added stage prod',
      'chat: removed stage production',
    ]);
  });

  test('a renamed API with the same id stays the same API', async () => {
    expect(await apply(CHAT.replace('chat:', 'talk:'))).toEqual([
      'Changed API talk (chatchatch)',
      'talk: deployed',
    ]);
    expect(await get('/v2/apis/chatchatch')).toMatchObject({ name: 'talk' });
  });

  test('an API that left the file is removed; one made by other means is not', async () => {
    const body = {
      name: 'mine',
      protocolType: 'WEBSOCKET',
      routeSelectionExpression: '$request.body.a',
    };
    await call('POST', '/v2/apis', body);
    expect(await apply('')).toEqual(['Removed API chat (chatchatch)']);
    expect((await get('/v2/apis')).items).toMatchObject([{ name: 'mine' }]);
  });
});

describe('what others did in the meantime', () => {
  beforeEach(() => apply(CHAT));

  test('edits by the aws CLI are undone: the file is the truth', async () => {
    const { $connect } = await integrations('chatchatch');
    const path = `/v2/apis/chatchatch/integrations/${$connect.integrationId}`;
    const key = 'integration.request.header.connectionId';
    await call('PATCH', path, { requestParameters: { [key]: '' }, integrationUri: 'http://other' });
    expect(await apply(CHAT)).toEqual([
      'chat: changed integration http://localhost:3000/ws/connect (IntegrationUri, RequestParameters)',
    ]);
    expect((await integrations('chatchatch')).$connect).toMatchObject({
      integrationUri: 'http://localhost:3000/ws/connect',
      requestParameters: { [key]: 'context.connectionId' },
    });
  });

  test('a stage that the aws CLI moved to another deployment is moved back', async () => {
    await call('POST', '/v2/apis/chatchatch/deployments', { stageName: 'production' });
    const before = await get('/v2/apis/chatchatch/stages/production');
    expect(await apply(CHAT)).toEqual(['chat: deployed']);
    const after = await get('/v2/apis/chatchatch/stages/production');
    expect(after.deploymentId).not.toBe(before.deploymentId);
  });

  test('two routes that were made to share an integration are given one each', async () => {
    const { items } = await get('/v2/apis/chatchatch/routes');
    const [first, second] = items;
    const path = `/v2/apis/chatchatch/routes/${second.routeId}`;
    await call('PATCH', path, { target: first.target });
    await apply(CHAT);
    const found = await integrations('chatchatch');
    expect(found.$connect.integrationId).not.toBe(found.$default.integrationId);
    expect(found.$default.integrationUri).toContain('/ws/message');
    expect((await get('/v2/apis/chatchatch/integrations')).items).toHaveLength(2);
  });

  test('what failed was taken back, and is done the next time', async () => {
    const changed = CHAT.replace('3000/ws/connect', '3001/ws/connect');
    const direct = call;
    call = async (method, path, body) => {
      if (path.endsWith('/deployments')) throw new Error('power cut');
      return direct(method, path, body);
    };
    await expect(apply(changed)).rejects.toThrow('power cut');
    call = direct;
    expect((await integrations('chatchatch')).$connect.integrationUri).toContain('3000');
    expect(await apply(changed)).toEqual([
      'chat: changed integration http://localhost:3001/ws/connect (IntegrationUri)',
      'chat: deployed',
    ]);
  });
});

test('an id that belongs to an API made by other means is refused, and nothing is changed', async () => {
  await call('POST', '/v2/apis', {
    name: 'mine',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.a',
    tags: { _custom_id_: 'chatchatch' },
  });
  await expect(apply(CHAT)).rejects.toThrow(
    'apis.chat.id: chatchatch is the id of the API "mine", which was not made from this file.',
  );
  expect(await get('/v2/apis/chatchatch')).toMatchObject({ name: 'mine' });
  expect((await get('/v2/apis/chatchatch/routes')).items).toEqual([]);
});

test('what the control plane refuses is told with the path of the route', async () => {
  const direct = call;
  call = (method, path, body) =>
    path.endsWith('/integrations') && method === 'POST'
      ? Promise.resolve({ status: 400, body: { message: 'Invalid integration URI specified' } })
      : direct(method, path, body);
  await expect(apply(CHAT)).rejects.toThrow(
    'apis.chat.routes.$connect: Invalid integration URI specified',
  );
});

test('more APIs than one page holds are all compared', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `api${index}`);
  const yaml = names.map((name) => `  ${name}: { routes: { $default: http://localhost } }`);
  const file = `apis:\n${yaml.join('\n')}`;
  await apply(file);
  expect(await apply(file)).toEqual([]);
});

describe('settings of the stage', () => {
  const withSettings = (lines: string) => CHAT.replace('    routes:', `${lines}\n    routes:`);
  const shown = async () => (await get('/v2/apis/chatchatch/stages/production'))['x-postern'];

  test('are in force with the stage, and a file that repeats them changes nothing', async () => {
    const yaml = withSettings('    settings: { idleTimeoutSeconds: 0, orderedMessages: true }');
    await apply(yaml);
    expect(await shown()).toEqual({
      idleTimeoutSeconds: 0,
      orderedMessages: true,
      differsFromAws: ['idleTimeoutSeconds', 'orderedMessages'],
    });
    writes = [];
    expect(await apply(yaml)).toEqual([]);
    expect(writes).toEqual([]);
  });

  test('change, come and go with the file, without a deployment', async () => {
    await apply(withSettings('    settings: { idleTimeoutSeconds: 0, binaryFrames: true }'));
    const sentence = 'chat: changed stage production (Tags)';
    expect(
      await apply(
        withSettings('    settings: { idleTimeoutSeconds: 30, pingIntervalSeconds: 20 }'),
      ),
    ).toEqual([sentence]);
    expect(await shown()).toEqual({
      idleTimeoutSeconds: 30,
      pingIntervalSeconds: 20,
      differsFromAws: ['idleTimeoutSeconds', 'pingIntervalSeconds'],
    });
    expect(await apply(CHAT)).toEqual([sentence]);
    expect(await shown()).toBeUndefined();
    const { tags } = await get('/v2/apis/chatchatch/stages/production');
    expect(tags).toEqual({});
  });

  test('leave tags of other kinds alone', async () => {
    await apply(withSettings('    settings: { binaryFrames: true }'));
    const arn = 'arn:aws:apigateway:us-east-1::/apis/chatchatch/stages/production';
    await call('POST', `/v2/tags/${encodeURIComponent(arn)}`, { tags: { team: 'chat' } });
    await apply(CHAT);
    const { tags } = await get('/v2/apis/chatchatch/stages/production');
    expect(tags).toEqual({ team: 'chat' });
  });
});
