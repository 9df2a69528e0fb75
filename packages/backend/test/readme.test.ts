import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect } from './support/gateway-calls.ts';
import { type ManagementEndpoint, startManagementEndpoint } from './support/management-endpoint.ts';
import { running } from './support/servers.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');

describe.each(['node-http', 'express', 'fastify', 'hono'])('the README example for %s', (name) => {
  let management: ManagementEndpoint;

  beforeAll(async () => {
    management = await startManagementEndpoint();
    vi.stubEnv('WS_ENDPOINT', management.endpoint);
    vi.stubEnv('PORT', '0');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await management.close();
  });

  test('is this file', () => {
    const source = read(`./readme/${name}.ts`).replace('../../src/index.ts', '@postern/backend');
    expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
  });

  test('connects a user and pushes to her', async () => {
    const { server } = (await import(`./readme/${name}.ts`)) as { server: Server };
    if (!server.listening) await once(server, 'listening');
    const { url, close } = running(server);
    expect((await connect(url, { connectionId: 'A=', token: 'wrong' })).status).toBe(401);
    expect((await connect(url, { connectionId: 'A=', token: 'let-me-in' })).status).toBe(200);
    const response = await fetch(`${url}/notify/ada`, { method: 'POST' });
    expect(await response.json()).toEqual({ delivered: true });
    expect(management.received).toMatchObject([{ connectionId: 'A=' }]);
    await close();
  });
});

test('the README names every option and method', () => {
  const names = (file: string, of: string) => {
    const block = read(file).split(`export interface ${of}`)[1]!.split('\n}')[0]!;
    return [...block.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map((match) => match[1]!);
  };
  const options = names('../src/options.ts', 'BackendOptions');
  const methods = names('../src/backend.ts', 'Backend<');
  expect(options.length).toBeGreaterThan(15);
  expect(methods.length).toBeGreaterThan(7);
  for (const name of [...options, ...methods]) {
    expect(readme).toMatch(new RegExp(`\`[^\`\\n]*\\b${name}\\b`));
  }
});
