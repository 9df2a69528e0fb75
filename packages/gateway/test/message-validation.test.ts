import { expect, test } from 'vitest';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const at = useGateway();

const move = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  properties: { x: { type: 'integer', minimum: 0, maximum: 10, exclusiveMaximum: true } },
  required: ['x'],
};

/** A $default route that holds messages against models. */
async function open(route: Record<string, unknown>): Promise<TestSocket> {
  const api = await at.gateway.createApi({
    routes: { $default: { url: `${at.backend.url}/message` } },
  });
  const base = `/v2/apis/${api.apiId}`;
  const models = {
    move: JSON.stringify(move),
    anything: '{}',
    tree: treeSchema,
    moves: `{"items":{"$ref":"https://apigateway.amazonaws.com/restapis/${api.apiId}/models/move"}}`,
    hostile: '{"properties":{"text":{"pattern":"^(\\\\w+\\\\s?)*$"}}}',
  };
  for (const [name, schema] of Object.entries(models)) {
    await at.gateway.control('POST', `${base}/models`, { name, schema });
  }
  await at.gateway.control('PATCH', `${base}/routes/${api.routes.$default}`, route);
  await api.deploy();
  return connect(api.wsUrl);
}

const treeSchema = '{"properties":{"child":{"$ref":"#"}},"additionalProperties":false}';
const byType = {
  modelSelectionExpression: '$request.body.type',
  requestModels: { move: 'move', $default: 'anything' },
};
const refused =
  /^\{"message": "Bad request body", "connectionId":"[\w-]{18}==", "requestId":"[\w-]{15}=", "messageId":"[\w-]{18}=="\}$/;
const arrived = async () => (await at.backend.requests('/message').next()).text;

test('a message that fits its model reaches the backend', async () => {
  const socket = await open(byType);
  socket.send('{"type":"move","x":9}');
  expect(await arrived()).toBe('{"type":"move","x":9}');
});

test.each(['{"type":"move"}', '{"type":"move","x":10}', '{"type":"move","x":"1"}'])(
  '%s does not fit: Bad request body, and nobody is called',
  async (message) => {
    const socket = await open(byType);
    socket.send(message);
    expect(await socket.next()).toMatch(refused);
    expect(at.backend.requests('/message').size).toBe(0);
  },
);

test('a value without a model of its own is held against $default', async () => {
  const socket = await open(byType);
  socket.send('{"type":"other"}');
  expect(await arrived()).toBe('{"type":"other"}');
});

test('a value without a model, and no $default: refused', async () => {
  const socket = await open({ ...byType, requestModels: { move: 'move' } });
  socket.send('{"type":"other"}');
  expect(await socket.next()).toMatch(refused);
});

test('text that is not JSON is refused', async () => {
  const socket = await open(byType);
  socket.send('hello');
  expect(await socket.next()).toMatch(refused);
});

test('an expression that is none selects itself, such as $default', async () => {
  const socket = await open({
    modelSelectionExpression: '$default',
    requestModels: { $default: 'move' },
  });
  socket.send('{"x":11}');
  expect(await socket.next()).toMatch(refused);
  socket.send('{"x":1}');
  expect(await arrived()).toBe('{"x":1}');
});

test('without an expression nothing is validated', async () => {
  const socket = await open({ requestModels: { $default: 'move' } });
  socket.send('anything');
  expect(await arrived()).toBe('anything');
});

test('a schema that follows the message as deep as it goes ends with a refusal at worst', async () => {
  const socket = await open({
    modelSelectionExpression: 'tree',
    requestModels: { tree: 'tree' },
  });
  socket.send(`${'{"child":'.repeat(3000)}{"other":1}${'}'.repeat(3000)}`);
  expect(await socket.next()).toMatch(refused);
  socket.send('{"child":{}}');
  expect(await arrived()).toBe('{"child":{}}');
});

test('a model may refer to another model of the API by its URL', async () => {
  const socket = await open({
    modelSelectionExpression: 'moves',
    requestModels: { moves: 'moves' },
  });
  socket.send('[{"x":1},{"x":10}]');
  expect(await socket.next()).toMatch(refused);
  socket.send('[{"x":1},{"x":2}]');
  expect(await arrived()).toBe('[{"x":1},{"x":2}]');
});

test('a message that a pattern would be busy with for ever is refused, and others are served', async () => {
  const route = { modelSelectionExpression: 'any', requestModels: { any: 'hostile' } };
  const [hostile, other] = [await open(route), await open(route)];
  hostile.send(JSON.stringify({ text: `${'a'.repeat(5000)}!` }));
  other.send('{"text":"one two"}');
  expect(await hostile.next()).toMatch(refused);
  expect(await arrived()).toBe('{"text":"one two"}');
});

test('the log says what is wrong, in the words of AWS’s validator', async () => {
  const socket = await open(byType);
  socket.send('{"type":"move","y":1}');
  expect(await socket.next()).toMatch(refused);
  let line = await at.gateway.events.next();
  while (line.kind !== 'message') line = await at.gateway.events.next();
  expect(line).toMatchObject({
    status: 400,
    reason: '[object has missing required properties (["x"])]',
  });
});
