/**
 * Compile on deploy, run on message: once a stage has seen a message of each kind, further ones parse
 * nothing of its configuration. V8 counts the calls of every function of the gateway meanwhile.
 */
import { type Profiler, Session } from 'node:inspector/promises';
import { beforeAll, expect, test } from 'vitest';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const MODEL = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  required: ['action'],
  properties: { action: { type: 'string', pattern: '^[a-z]+$' }, items: { type: 'array' } },
};
const MESSAGE_TEMPLATE = `#set($all = $input.path('$.items[?(@.n > 1)]'))
#macro(line $item)"$item.name.replaceAll("[aeiou]", "*")"#end
{"who": "$context.connectionId", "stage": "$stageVariables.name", "list": [
#foreach($item in $all)#line($item)#if($foreach.hasNext),#end#end], "all": $input.json('$..n'),
"text": "$util.escapeJavaScript("say $all.size() to $input.path('$.action')")"}`;
const MESSAGE = {
  items: [
    { n: 1, name: 'one' },
    { n: 2, name: 'two' },
    { n: 3, name: 'three' },
  ],
};

/** What turns configuration into something that runs; none of it belongs to a message. */
const COMPILERS = [
  /\/resources\/(?:compiled-|request-mapping|response-mapping|.*-reference|rate-limit)/,
  /\/mapping\/.*(?:parser|program|source|tokens|cursor)\.ts$/,
];
const COMPILER_NAMES = /^(?:compile|parsePath|parsePattern|parseWhole|fillStageVariables)/;

const running = useGateway();
const session = new Session();

beforeAll(async () => {
  session.connect();
  await session.post('Profiler.enable');
  return () => session.disconnect();
});

/** The gateway's functions that compile, and that were called while `work` ran. */
async function compilersCalled(work: () => Promise<void>): Promise<string[]> {
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = (await session.post(
    'Profiler.takePreciseCoverage',
  )) as Profiler.TakePreciseCoverageReturnType;
  await session.post('Profiler.stopPreciseCoverage');
  return result
    .filter(({ url }) => url.includes('/packages/gateway/src/'))
    .flatMap(({ url, functions }) =>
      functions
        .filter(({ ranges: [whole] }) => (whole?.count ?? 0) > 0)
        .filter(({ functionName }) => isCompiler(url, functionName))
        .map(({ functionName }) => `${url.replace(/^.*\/src\//, '')} ${functionName}`),
    );
}

function isCompiler(url: string, functionName: string): boolean {
  // What compiling has made to run is not compiling; most of it has no name.
  if (['', 'matches', 'of'].includes(functionName)) return false;
  return COMPILERS.some((place) => place.test(url)) || COMPILER_NAMES.test(functionName);
}

test('messages, replies and closes parse nothing of the configuration', async () => {
  const deployed = await compilersCalled(async () => {
    await startApi();
  });
  // What is to be counted can be counted: a deployment calls nearly all of it.
  expect(deployed.length).toBeGreaterThan(40);

  const api = await startApi();
  const socket = await connect(`${api.wsUrl}?token=a`);
  await exchange(socket);
  const compilers = await compilersCalled(async () => {
    for (let round = 0; round < 5; round += 1) await exchange(socket);
    const other = await connect(`${api.wsUrl}?token=b`);
    other.close();
    await other.closed;
    await running.gateway.gateway.settled();
  });
  expect(compilers).toEqual([]);
});

/** One message to each route, and its reply. */
async function exchange(socket: TestSocket): Promise<void> {
  for (const action of ['proxy', 'custom', 'mock', 'nowhere']) {
    socket.send(JSON.stringify({ action, ...MESSAGE }));
    const reply = await socket.next();
    expect(reply, action).not.toContain('"message"');
  }
}

async function startApi() {
  const { backend, gateway } = running;
  const url = `${backend.url}/\${stageVariables.name}/{place}`;
  const requestParameters = {
    'integration.request.path.place': 'context.stage',
    'integration.request.header.action': 'route.request.body.action',
    'integration.request.querystring.fixed': "'text'",
  };
  backend.answer('/one/test', (_, response) => response.end('{"answer":42}'));
  const responses = [
    {
      integrationResponseKey: '/2\\d\\d/',
      responseTemplates: {
        '42': `{"answer": $input.json('$.answer')}`,
        $default: MESSAGE_TEMPLATE,
      },
      templateSelectionExpression: '$integration.response.body.answer',
    },
  ];
  const custom = {
    templateSelectionExpression: '${request.body.action}-x',
    requestTemplates: { 'custom-x': MESSAGE_TEMPLATE, $default: '{"statusCode": 200}' },
  };
  const api = await gateway.createApi({
    stageVariables: { name: 'one' },
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: {
          'integration.request.header.token': 'route.request.querystring.token',
        },
      },
      $disconnect: { url: `${backend.url}/disconnect` },
      $default: { url, requestParameters, twoWay: true },
      proxy: { url, requestParameters, twoWay: true },
      custom: {
        type: 'HTTP',
        url,
        requestParameters,
        twoWay: true,
        integration: custom,
        responses,
      },
      mock: { type: 'MOCK', twoWay: true, integration: custom, responses },
    },
  });
  const base = `/v2/apis/${api.apiId}`;
  await gateway.control('POST', `${base}/models`, {
    name: 'Message',
    schema: JSON.stringify(MODEL),
  });
  await gateway.control('PATCH', `${base}/routes/${api.routes.custom}`, {
    modelSelectionExpression: '$request.body.action',
    requestModels: { $default: 'Message' },
  });
  await api.deploy();
  return api;
}
