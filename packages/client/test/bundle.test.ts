import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientOptions, connect } from '../src/index.ts';
import { Queue } from './support/queue.ts';
import { ScriptedServer } from './support/scripted-server.ts';

const GZIP_BYTES_MAX = 3_000;

/** Everything the package is, as one file, the way a page's bundler would take it in. */
async function bundle(format: 'es' | 'iife', minify: boolean): Promise<Rolldown.OutputChunk> {
  const [result] = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      lib: {
        entry: fileURLToPath(new URL('../src/index.ts', import.meta.url)),
        formats: [format],
        name: 'postern',
        fileName: 'client',
      },
      target: 'es2022',
      minify,
      write: false,
    },
  })) as Rolldown.RolldownOutput[];
  const [chunk, ...others] = result!.output;
  expect(others).toEqual([]);
  return chunk;
}

test(`the bundle is smaller than ${GZIP_BYTES_MAX} bytes after gzip, and the README says how small`, async () => {
  // Not `es`: Vite leaves the white space of an ES library to the bundler of the page.
  const { code } = await bundle('iife', true);
  const bytes = gzipSync(code).length;
  expect(bytes).toBeLessThan(GZIP_BYTES_MAX);
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`${(bytes / 1000).toFixed(1)} kB after gzip`);
});

test('the bundle imports nothing', async () => {
  const { imports, dynamicImports } = await bundle('es', false);
  expect([imports, dynamicImports]).toEqual([[], []]);
});

test('the bundle runs where there is nothing but the language and a WebSocket', async () => {
  const { code } = await bundle('iife', false);
  // A fresh realm: no process, no Buffer, no timers, no console, no URL.
  const realm = createContext({});
  runInContext(`${code};globalThis.connect = postern.connect`, realm);
  const server = await ScriptedServer.start();
  const options: ClientOptions = {
    url: server.url,
    token: 'secret',
    WebSocket,
    timers: { now: Date.now, setTimeout, clearTimeout, setInterval, clearInterval },
  };
  const client = (realm as { connect: typeof connect }).connect(options);
  try {
    const heard = new Queue<unknown>();
    client.on('note', (message) => heard.push(JSON.stringify(message)));
    const connection = await server.connections.next();
    connection.push({ type: 'note' });
    expect(await heard.next()).toBe('{"type":"note"}');
    expect(client.send({ action: 'read' })).toBe(true);
    expect(await connection.messages.next()).toBe('{"action":"read"}');
  } finally {
    client.close();
    await server.stop();
  }
});
