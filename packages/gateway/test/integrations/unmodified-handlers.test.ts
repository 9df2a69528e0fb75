/**
 * Goal: a handler that builds its endpoint as every sample does works in `postern dev` as it stands.
 * Method: real handlers in Node.js and Python with Amazon's SDKs, over https with the certificate of
 * the gateway, which they are told to trust.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

const path = process.env.PATH;
let gateway: TestGateway;
beforeAll(async () => {
  // Debian's python3 is the one that has boto3.
  process.env.PATH = `/usr/bin:${path}`;
  gateway = await startGateway({
    functions: {
      node: { handler: 'push.handler', runtime: 'nodejs20.x', timeout: 20 },
      python: { handler: 'push.handler', runtime: 'python3.11', timeout: 20 },
    },
    functionsFolder: fileURLToPath(new URL('../fixtures/handlers', import.meta.url)),
  });
});
afterAll(async () => {
  process.env.PATH = path;
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const hasBoto3 = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import boto3'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.each([
  ['node', true],
  ['python', hasBoto3 || Boolean(process.env.CI)],
])('a %s handler pushes to https://{domainName}/{stage}', async (name, isHere) => {
  if (!isHere) return console.warn(`skipped: /usr/bin/python3 has no boto3`);
  const api = await gateway.createApi({
    routes: {
      $default: {
        type: 'AWS_PROXY',
        url: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      },
    },
  });
  const socket = await connect(api.wsUrl);
  socket.send('hello');
  expect(await socket.next()).toBe('pushed: hello');
});
