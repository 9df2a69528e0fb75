import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, DEFAULTS } from '../src/index.ts';
import { calls, retryButton } from './support/page.ts';
import { ScriptedServer } from './support/scripted-server.ts';

// The examples of the README are the files of `readme/`, which the compiler checks and this file
// runs as they stand: their page is `support/page.ts`, and the global WebSocket leads to a server
// of ours whatever the host.

let server: ScriptedServer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await ScriptedServer.start();
  class LocalWebSocket extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      const { pathname, search } = new URL(url);
      super(`ws://${server.host}${pathname}${search}`, protocols);
    }
  }
  vi.stubGlobal('WebSocket', LocalWebSocket);
  vi.stubEnv('PUSH_URL', server.url);
});

afterAll(async () => {
  for (const client of clients) client.close();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  await server.stop();
});

const readme = read('../README.md');

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

function codeOfReadme(): string[] {
  return [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code.trim());
}

function codeOfFile(name: string): string {
  const [, , code = ''] = /(README from here:)\n(.*)\/\/ To here\./s.exec(
    read(`./readme/${name}.ts`),
  )!;
  return code.trim().replace('../../src/index.ts', '@postern/client');
}

test('the README shows these examples and no others', () => {
  const files = ['quickstart', 'typed', 'status', 'node'].map(codeOfFile);
  expect(codeOfReadme()).toEqual(files);
});

test('the first example connects with its token and hands each push to the page', async () => {
  const { client } = await import('./readme/quickstart.ts');
  clients.push(client);
  expect((await server.handshakes.next()).query.get('token')).toBe('secret');
  const connection = await server.connections.next();
  connection.push({ type: 'new_content' });
  connection.push({ type: 'new_comment', thread_id: 't1' });
  connection.push({ type: 'status_update', status: 'done' });
  connection.push({ type: 'unread_counts', counts: { inbox: 2 } });
  expect(await calls.next()).toEqual(['refreshFeed']);
  expect(await calls.next()).toEqual(['refreshThread', 't1']);
  const status = { type: 'status_update', status: 'done' };
  expect(await calls.next()).toEqual(['updateStatusDisplay', status]);
  expect(await calls.next()).toEqual(['updateBadges', { inbox: 2 }]);
});

test('the example of states shows them, and its button reconnects', async () => {
  await import('./readme/status.ts');
  retryButton.dispatchEvent(new Event('click'));
  expect(await calls.next()).toEqual(['showStatus', 'connecting']);
  expect(await calls.next()).toEqual(['showStatus', 'Live']);
  const connection = await server.connections.next();
  connection.drop();
  const [name, text] = await calls.next();
  expect(name).toBe('showStatus');
  expect(text).toMatch(/^Connecting again in [45] s$/);
  clients[0]!.close();
  expect(await calls.next()).toEqual(['showStatus', 'closed']);
});

test('the typed example hands each push to the page', async () => {
  const { client } = await import('./readme/typed.ts');
  clients.push(client as unknown as Client);
  const connection = await server.connections.next();
  connection.push({ type: 'new_comment', thread_id: 't2' });
  connection.push({ type: 'unread_counts', counts: { inbox: 3 } });
  expect(await calls.next()).toEqual(['refreshThread', 't2']);
  expect(await calls.next()).toEqual(['updateBadges', { inbox: 3 }]);
});

test('the example for Node connects with ws, prints what arrives, and ends on Ctrl-C', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { client } = await import('./readme/node.ts');
  clients.push(client);
  const connection = await server.connections.next();
  connection.push({ type: 'note' });
  await vi.waitFor(() => expect(print).toHaveBeenCalledWith({ type: 'note' }));
  print.mockRestore();
  process.emit('SIGINT');
  expect(await connection.closed()).toBe(1000);
});

test('the README tells the defaults as they are', () => {
  for (const [name, value] of Object.entries(DEFAULTS)) {
    const shown =
      typeof value === 'number' ? value.toLocaleString('en').replaceAll(',', ' ') : value;
    expect(readme).toMatch(new RegExp(`^\\| \`${name}\` \\| [^|]* \\| \`?${shown}\`? \\|`, 'm'));
  }
});

test('the README names every option', () => {
  const [, fields = ''] = /interface ClientOptions \{(.*?)^\}/ms.exec(read('../src/options.ts'))!;
  const options = [...fields.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name]) => name);
  const rows = [...readme.matchAll(/^\| `(\w+)` \|[^|\n]*\|[^|\n]*\|/gm)].map(([, name]) => name);
  expect(rows).toEqual(options);
});
