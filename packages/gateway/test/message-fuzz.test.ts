/**
 * Whatever a client writes in a message, however its route maps, selects, validates and renders it: one
 * answer comes, and nothing of it is a fault of the gateway (`useGateway` fails a test that logged one).
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiSpec, TestApi } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const running = useGateway();

/** Any 16-bit units, half surrogate pairs among them. */
const text = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'list', 'text', '__proto__', 'constructor', 'length', '$ref', ''),
  text,
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -0, 1e308, 5e-324, 2 ** 53, -1.5, '', '1', 'true'),
    text,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('any')), { maxLength: 4 }).map((members) => fromPairs(members)),
  ),
})).any;
const deep = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.integer({ min: 1, max: 5000 }))
  .map(([[open = '', close = ''], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`);
const json = fc.oneof({ weight: 4, arbitrary: value.map((any) => JSON.stringify(any)) }, deep);

/** `JSON.parse` makes `__proto__` a member like any other; so must this. */
function fromPairs(pairs: readonly (readonly [string, unknown])[]): unknown {
  const members = pairs.map(([key, any]) => `${JSON.stringify(key)}:${JSON.stringify(any)}`);
  return JSON.parse(`{${members.join(',')}}`);
}

const TEMPLATE = `#set($root = $input.path('$'))$input.json('$.a') $input.path('$..b') $root.list.size()
#foreach($one in $root.list)$one.text $one.length()#end $util.escapeJavaScript($root.text)
$util.urlEncode($root.text) $root.a.b[0].c $root.text.replaceAll("[a-z]", "$root.a") $input.body`;
const SCHEMA = {
  type: 'object',
  properties: {
    list: { type: 'array', uniqueItems: true, items: { $ref: '#' } },
    text: { type: 'string', pattern: '^([a-z]+)*$', format: 'email' },
    a: { oneOf: [{ type: 'object' }, { enum: [1, [1], { a: 1 }] }, { multipleOf: 0.01 }] },
  },
  patternProperties: { '^b+$': { not: { type: 'null' } } },
};

function routes(url: string): ApiSpec['routes'] {
  const requestParameters = {
    'integration.request.header.text': 'route.request.body.text',
    'integration.request.header.whole': 'route.request.body',
    'integration.request.querystring.all': 'route.request.body..a',
    'integration.request.querystring.filtered': 'route.request.body.list[?(@.a =~ /^(a+)+$/)]',
    'integration.request.path.place': 'route.request.body.a.b',
  };
  const responses = [
    {
      integrationResponseKey: '$default',
      templateSelectionExpression: '${request.body..text}',
      responseTemplates: { $default: `answer ${TEMPLATE}` },
    },
  ];
  const integration = {
    templateSelectionExpression: '${request.body.text}${request.body.list[*]}',
    requestTemplates: { $default: TEMPLATE, '': '{"statusCode": 200}' },
  };
  const mock = { ...integration, requestTemplates: { $default: '{"statusCode": 200}' } };
  return {
    $default: { url, twoWay: true },
    proxy: { url: `${url}/{place}`, twoWay: true, requestParameters },
    custom: { type: 'HTTP', url, twoWay: true, requestParameters, integration, responses },
    mock: { type: 'MOCK', twoWay: true, integration: mock, responses },
  };
}

async function validate(api: TestApi): Promise<void> {
  const { control } = running.gateway;
  const base = `/v2/apis/${api.apiId}`;
  await control('POST', `${base}/models`, { name: 'Any', schema: JSON.stringify(SCHEMA) });
  await control('PATCH', `${base}/routes/${api.routes.$default}`, {
    modelSelectionExpression: '${request.body..a}',
    requestModels: { $default: 'Any' },
  });
  await api.deploy();
}

test.each(['$request.body.route', '${request.body..a[0]}-${request.body}'])(
  'one answer comes to each message, its route selected by %s',
  async (routeSelectionExpression) => {
    const api = await running.gateway.createApi({
      routeSelectionExpression,
      routes: routes(running.backend.url),
    });
    await validate(api);
    const socket = await connect(api.wsUrl);
    const route = fc.constantFrom('proxy', 'custom', 'mock', 'other');
    const message = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(route, json).map(([to, any]) => within(to, any)) },
      { weight: 1, arbitrary: json },
      { weight: 1, arbitrary: text },
    );
    await fc.assert(
      fc.asyncProperty(message, async (sent) => {
        socket.send(sent);
        expect(typeof (await socket.next())).toBe('string');
        expect(socket.pending).toBe(0);
      }),
      { seed: 20261128, numRuns: 400 },
    );
  },
);

/** The value's own members beside the route's name; what has none becomes one. */
function within(route: string, any: string): string {
  const members = any.startsWith('{') && any !== '{}' ? any.slice(1) : `"a":${any}}`;
  return `{"route":"${route}",${members}`;
}
