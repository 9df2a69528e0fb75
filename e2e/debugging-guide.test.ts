import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { repository } from './support/repository.ts';

/** docs/guides/debugging.md quotes what the commands print. Here they print it again. */

const guide = readFileSync(join(repository, 'docs/guides/debugging.md'), 'utf8');
const quoted = [...guide.matchAll(/^```(\w*)\n(.*?)^```/gms)].flatMap(([, language, text]) =>
  language === '' ? [text!] : [],
);

/** The parts of the guide's outputs that are chance or time. */
const plain = (text: string) =>
  text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/--api-id \w+/g, '--api-id API')
    .replace(/"(connectionId|requestId)":"[^"]*"/g, '"$1":"…"')
    .replace(/^\d\d:\d\d:\d\d\.\d{3}/gm, 'TIME')
    .replace(/ [\w-]{8} {2}(\d{3}) +\d+ ms/g, ' ID  $1 MS')
    .replace(/0000:\w+\//g, '0000:API/');

/** The quoted block that has this text in it. */
function block(text: string): string {
  const found = quoted.find((one) => one.includes(text));
  if (!found) throw new Error(`The guide shows nothing with ${text}`);
  return plain(found);
}

describe('the debugging guide', () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;
  let port: number;
  let backend: Server;
  let folder: string;

  beforeAll(async () => {
    folder = await cleanup.folder();
    port = await freePort();
    backend = await startBackend(port);
    cleanup.defer(() => stop(backend));
    gateway = await startGateway(cleanup);
    const api = await control<{ apiId: string }>('POST', '/v2/apis', {
      name: 'notifications',
      protocolType: 'WEBSOCKET',
      routeSelectionExpression: '$request.body.action',
    });
    for (const [routeKey, path] of [
      ['$connect', 'connect'],
      ['$default', 'message'],
      ['$disconnect', 'disconnect'],
    ]) {
      const made = await control<{ integrationId: string }>(
        'POST',
        `/v2/apis/${api.apiId}/integrations`,
        {
          integrationType: 'HTTP_PROXY',
          integrationMethod: 'POST',
          integrationUri: `http://127.0.0.1:${port}/ws/${path}`,
        },
      );
      const target = `integrations/${made.integrationId}`;
      await control('POST', `/v2/apis/${api.apiId}/routes`, { routeKey, target });
    }
    await control('POST', `/v2/apis/${api.apiId}/stages`, { stageName: 'production' });
    await deploy();
  });

  async function control<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const reply = await fetch(gateway.url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
    return (await reply.json()) as Answer;
  }

  const list = async <Item>(path: string) => (await control<{ items: Item[] }>('GET', path)).items;
  const apiId = async () => (await list<{ apiId: string }>('/v2/apis'))[0]!.apiId;
  const deploy = async () =>
    control('POST', `/v2/apis/${await apiId()}/deployments`, { stageName: 'production' });

  /** Both outputs of a command that ends by itself. */
  function postern(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const script = join(repository, 'packages/gateway/bin/postern.js');
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [script, ...args],
        { cwd: folder, env: { ...process.env, POSTERN_ENDPOINT: gateway.url, ...env } },
        (_, stdout, stderr) => resolve(plain(stdout + stderr)),
      );
      child.stdin?.end();
    });
  }
  const doctor = () => postern(['doctor', '--ephemeral']);

  test('"connectionId header missing"', async () => {
    expect(await postern(['connect', 'production?token=good'])).toBe(
      block('connectionId header missing"}'),
    );
    expect(await doctor()).toContain(block('/ws/connect is not told'));
    const integrations = `/v2/apis/${await apiId()}/integrations`;
    for (const { integrationId } of await list<{ integrationId: string }>(integrations)) {
      await control('PATCH', `${integrations}/${integrationId}`, {
        requestParameters: {
          'integration.request.header.connectionId': 'context.connectionId',
        },
      });
    }
    expect(await doctor()).toContain(block('are not deployed'));
    await deploy();
    expect(await doctor()).not.toContain('connectionId header missing');
  });

  test('GoneException when pushing', async () => {
    const id = encodeURIComponent('gbgA_A9XiQAYKEiI6A==');
    await fetch(`${gateway.endpointUrl}/@connections/${id}`, { method: 'POST', body: 'x' });
    expect(await doctor()).toContain(block('connections that are gone'));
  });

  test('client keeps reconnecting', async () => {
    await postern(['connect', 'production?token=bad']);
    // The command may end before the gateway's own line has been read.
    for (const words of ['answered 401', 'GoneException\n']) {
      await eventually(`a line with ${words}`, () =>
        gateway.lines.map(plain).join('\n').includes(block(words).trim()),
      );
    }
    await stop(backend);
    expect(await postern(['connect', 'production?token=good'])).toBe(block('ECONNREFUSED 127'));
    expect(await doctor()).toContain(block('cannot be reached'));
  });

  test('works locally but not in production', async () => {
    expect(await doctor()).toContain(block('AWS could not reach'));
  });

  test('push silently fails', async () => {
    await writeFile(
      join(folder, 'postern.yaml'),
      `users:
  - name: backend
    accessKeys: [{ accessKeyId: AKIABACKEND, secretAccessKey: backend-secret }]
    policies:
      - Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: 'execute-api:Invoke', Resource: '*' }]
`,
    );
    expect(await postern(['doctor', '--mode', 'start', '--ephemeral'])).toContain(
      block('No access key may push'),
    );
  });
});

/** As the guide's: it wants the header, and a good token. */
async function startBackend(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://backend');
    const isStranger = pathname === '/ws/connect' && searchParams.get('token') !== 'good';
    const [status, message] = !request.headers.connectionid
      ? [400, 'connectionId header missing']
      : isStranger
        ? [401, 'Unauthorized']
        : [200, 'ok'];
    response.writeHead(status as number, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message }));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
