import { afterEach, expect, test } from 'vitest';
import { loadConfiguration } from '../../src/server/config.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

/** `--lenient` from the command line to what a running gateway answers. */
let gateway: TestGateway | undefined;
afterEach(() => gateway?.stop());

const word = {
  name: 'chat',
  protocolType: 'WEBSOCKET',
  routeSelectionExpression: 'action',
};

async function start(argv: readonly string[], env: Record<string, string> = {}) {
  const flags = ['--port', '0', '--ephemeral', ...argv];
  const { configuration } = loadConfiguration({ argv: flags, env, cwd: '/', mode: 'dev' });
  gateway = await startGateway({ settings: { lenient: configuration.lenient } });
  const { url } = gateway;
  const answer = await fetch(`${url}/v2/apis`, { method: 'POST', body: JSON.stringify(word) });
  return { status: answer.status, body: await answer.json() };
}

test('without it a value AWS would refuse is refused, with the sentence of AWS', async () => {
  expect(await start([])).toEqual({
    status: 400,
    body: { message: 'Invalid routeSelectionExpression' },
  });
});

test.each([
  ['--lenient', ['--lenient'], {}],
  ['POSTERN_LENIENT=true', [], { POSTERN_LENIENT: 'true' }],
])('with %s it is taken', async (_, argv, env) => {
  expect(await start(argv, env)).toMatchObject({
    status: 201,
    body: { routeSelectionExpression: 'action' },
  });
});

test('--no-lenient is stronger than the environment', async () => {
  expect((await start(['--no-lenient'], { POSTERN_LENIENT: 'true' })).status).toBe(400);
});
