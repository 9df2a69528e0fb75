import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiIdOf } from '../../src/templates/postern-file.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { connect } from '../support/test-socket.ts';
import { Workplace } from './support.ts';

let place: Workplace;
let backend: RecordingBackend;
beforeEach(async () => {
  place = new Workplace();
  backend = await startBackend();
});
afterEach(async () => {
  await place.close();
  await backend.stop();
});

const dev = (...argv: string[]) => place.postern('dev', '--port', '0', '--ephemeral', ...argv);
const write = (yaml: string) => writeFileSync(join(place.folder, 'postern.yaml'), yaml);
const chat = (url: string) => `apis:\n  chat:\n    routes:\n      $default: ${url}\n`;

describe('postern dev --backend URL', () => {
  test('is ready once, and prints the addresses of an API with the three routes', async () => {
    const run = dev('--backend', backend.url);
    const url = await run.ready();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await run.shows(`new WebSocket('${url.replace('http', 'ws')}/production')`);
    await run.shows(`endpoint_url  ${url}/production`);
    await run.shows(`curl -d hello ${url}/production/@connections/CONNECTION_ID`);
    expect(run.stdout()).toContain(`default · API ${apiIdOf('default')} · stage production`);
    expect(run.stdout()).toContain('https, wss    the same port, with a certificate of its own');
    expect(run.stdout().match(/Postern ready/g)).toHaveLength(1);
    expect(run.lines()[0]).toBe(`Postern ready on ${url}`);
  });

  test('names the certificate to trust for https and wss, where it lasts', async () => {
    const run = place.postern('dev', '--port', '0', '--backend', backend.url);
    const url = await run.ready();
    const caFile = join(place.folder, '.postern', 'tls', 'ca.pem');
    await run.shows(`https, wss    the same port, trusted by whoever trusts ${caFile}`);
    await expect.poll(() => existsSync(caFile)).toBe(true);
    const status = await new Promise((resolve, reject) => {
      get(
        `${url.replace('http', 'https')}/@health/live`,
        { ca: readFileSync(caFile) },
        (response) => resolve(response.statusCode),
      ).on('error', reject);
    });
    expect(status).toBe(200);
  });

  test('serves them, a line of the log for each step, and no token in any', async () => {
    const run = dev('--backend', backend.url);
    const url = await run.ready();
    const socket = await connect(`${url.replace('http', 'ws')}/production?token=hush`);
    const opened = await backend.requests('/ws/connect').next();
    expect(opened.url).toBe('/ws/connect?token=hush');
    const connectionId = String(opened.headers.connectionid);

    socket.send('{"action":"hello"}');
    await backend.requests('/ws/message').next();
    const path = `/production/@connections/${encodeURIComponent(connectionId)}`;
    const push = await fetch(`${url}${path}`, { method: 'POST', body: 'pushed' });
    expect(push.status).toBe(200);
    expect(await socket.next()).toBe('pushed');
    socket.close();
    await backend.requests('/ws/disconnect').next();

    const short = connectionId.slice(0, 8);
    await run.shows(new RegExp(`connect +\\$connect +${short} +200`));
    await run.shows(new RegExp(`message +\\$default +${short} +200`));
    await run.shows(new RegExp(`push +${short} +200`));
    await run.shows(new RegExp(`disconnect +\\$disconnect +${short} +\\d{4}`));
    expect(run.stdout()).not.toContain('hush');
  });

  test('and a file that has an API of that name do not go together', async () => {
    write('apis: { default: { routes: { $default: http://localhost } } }');
    const run = dev('--backend', backend.url);
    expect(await run.code).toBe(2);
    expect(run.stderr()).toContain('--backend: the file has an API default with the same id');
  });
});

describe('postern dev with postern.yaml', () => {
  test('serves its APIs, and follows the file when it changes', async () => {
    write(chat(`${backend.url}/first`));
    const run = dev();
    const url = await run.ready();
    const socket = await connect(`${url.replace('http', 'ws')}/production`);
    socket.send('one');
    await backend.requests('/first').next();

    // As an editor does that moves the new file into place.
    writeFileSync(join(place.folder, 'fresh'), chat(`${backend.url}/second`));
    renameSync(join(place.folder, 'fresh'), join(place.folder, 'postern.yaml'));
    await run.shows('chat: deployed');
    socket.send('two');
    await backend.requests('/second').next();
  });

  test('a file that cannot be used is explained, and everything stays as it was', async () => {
    write(chat(`${backend.url}/first`));
    const run = dev();
    const url = await run.ready();
    write(chat('42'));
    await run.shows(
      'warning postern.yaml: apis.chat.routes.$default: expected a URL, got 42 (line 4)',
    );
    await run.shows('everything stays as it was');
    const socket = await connect(`${url.replace('http', 'ws')}/production`);
    socket.send('one');
    await backend.requests('/first').next();
  });

  test('a file that goes away leaves its APIs; a changed setting asks for a restart', async () => {
    write(`drainSeconds: 1\n${chat(`${backend.url}/first`)}`);
    const run = dev();
    const url = await run.ready();
    write(`drainSeconds: 2\n${chat(`${backend.url}/first`)}`);
    await run.shows('drainSeconds changed: restart to use it');
    rmSync(join(place.folder, 'postern.yaml'));
    await run.shows('The configuration file is gone: its APIs stay as they were');
    const socket = await connect(`${url.replace('http', 'ws')}/production`);
    socket.close();
  });

  test('a file written after the start is served, and its addresses are printed', async () => {
    const run = dev();
    const url = await run.ready();
    await run.shows('No API is deployed yet');
    write(`${chat(backend.url)}  talk:\n    routes:\n      $default: ${backend.url}\n`);
    await run.shows('Created API talk');
    await run.shows(`endpoint_url  ${url}/${apiIdOf('chat')}/production`);
    await run.shows(`new WebSocket('${url.replace('http', 'ws')}/${apiIdOf('talk')}/production')`);
  });
});

describe('the end of postern dev', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s drains and exits with 0', async (name) => {
    const run = dev('--backend', backend.url);
    const url = await run.ready();
    const socket = await connect(`${url.replace('http', 'ws')}/production`);
    run.signal(name);
    expect(await run.code).toBe(0);
    expect((await socket.closed).code).toBe(1001);
    expect(run.stdout()).toMatch(/Stopping: work under way has 25 s to finish.*\n.*Stopped\.\n$/s);
    expect(run.exits).toEqual([]);
  });

  test('a second signal ends the process at once', async () => {
    const run = dev('--backend', backend.url);
    const url = await run.ready();
    const socket = await connect(`${url.replace('http', 'ws')}/production`);
    let release = () => {};
    backend.answer('/ws/message', (_, response) => {
      release = () => response.end();
    });
    socket.send('slow work');
    await backend.requests('/ws/message').next();
    run.signal('SIGINT');
    await run.shows('A second signal stops at once.');
    run.signal('SIGINT');
    expect(run.exits).toEqual([130]);
    release();
    expect(await run.code).toBe(0);
  });

  test('what was deployed is there again after a restart, with the same address', async () => {
    write(chat(backend.url));
    const first = place.postern('dev', '--port', '0');
    await first.ready();
    first.signal('SIGTERM');
    await first.code;
    expect(readdirSync(join(place.folder, '.postern'))).toContain('postern.mdb');
    rmSync(join(place.folder, 'postern.yaml'));
    const second = place.postern('dev', '--port', '0');
    await second.ready();
    await second.shows(`API ${apiIdOf('chat')} · stage production`);
  });
});

describe('postern dev that cannot start', () => {
  test('on a port in use says which, and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const run = place.postern('dev', '--ephemeral', '--port', String(port));
    expect(await run.code).toBe(1);
    expect(run.stderr()).toBe(
      `Port ${port} of 127.0.0.1 is in use by another program. ` +
        'Choose another with --port, or let the system pick a free one with --port 0.\n',
    );
    expect(run.stdout()).toBe('');
    other.close();
  });

  test('on a data folder that is a file says so', async () => {
    writeFileSync(join(place.folder, 'taken'), '');
    const run = place.postern('dev', '--port', '0', '--data', 'taken');
    expect(await run.code).toBe(1);
    expect(run.stderr()).toContain(`Cannot open the data folder ${join(place.folder, 'taken')}`);
  });
});
