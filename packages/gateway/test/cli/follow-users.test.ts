import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiGatewayV2Client, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followUsers } from '../../src/cli/follow-users.ts';
import { loadConfiguration } from '../../src/server/config.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { Workplace } from './support.ts';

const policy = `
      - Version: "2012-10-17"
        Statement: [{ Effect: Allow, Action: "*", Resource: "*" }]`;

const file = (accessKeys: string, policies = policy) => `
users:
  - name: admin
    accessKeys: ${accessKeys}
    policies: ${policies}
`;

const key = (id: string, secret: string, more = '') =>
  `{ accessKeyId: ${id}, secretAccessKey: ${secret}${more} }`;

/** What an SDK that signs with the key is told. */
async function asks(url: string, accessKeyId: string, secretAccessKey: string): Promise<string> {
  const client = new ApiGatewayV2Client({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  try {
    await client.send(new GetApisCommand({}));
    return 'served';
  } catch (error) {
    return (error as Error).name;
  } finally {
    client.destroy();
  }
}

describe('in postern start', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => place.close());
  const write = (text: string, name = 'postern.yaml') =>
    writeFileSync(join(place.folder, name), text);

  test('SIGHUP rotates a key: both are good meanwhile, then the new one alone', async () => {
    write(file(`[${key('AKIAFIRST', 'one')}]`));
    const run = place.postern('start', '--port', '0', '--ephemeral');
    const url = await run.ready();
    await run.shows('"Configuration"');
    expect(await asks(url, 'AKIAFIRST', 'one')).toBe('served');
    expect(await asks(url, 'AKIASECOND', 'two')).toBe('UnrecognizedClientException');

    write(file(`[${key('AKIAFIRST', 'one')}, ${key('AKIASECOND', 'two')}]`));
    run.reload();
    await run.shows('Users read again: 1 users, 2 of 2 access keys enabled');
    expect(await asks(url, 'AKIAFIRST', 'one')).toBe('served');
    expect(await asks(url, 'AKIASECOND', 'two')).toBe('served');

    write(file(`[${key('AKIAFIRST', 'one', ', enabled: false')}, ${key('AKIASECOND', 'two')}]`));
    run.reload();
    await run.shows('1 of 2 access keys enabled');
    expect(await asks(url, 'AKIAFIRST', 'one')).toBe('UnrecognizedClientException');
    expect(await asks(url, 'AKIASECOND', 'two')).toBe('served');

    write(file(`[${key('AKIASECOND', 'three')}]`, '[]'));
    run.reload();
    await run.shows('1 of 1 access keys enabled');
    expect(await asks(url, 'AKIASECOND', 'two')).toBe('InvalidSignatureException');
    expect(await asks(url, 'AKIASECOND', 'three')).toBe('AccessDeniedException');
    expect(run.stdout() + run.stderr()).not.toMatch(/\b(?:one|two|three)\b/);
  });

  test('SIGHUP is heard from early on, and ends nothing while the gateway stops', async () => {
    write(file(`[${key('AKIAFIRST', 'one')}]`));
    const run = place.postern('start', '--port', '0', '--ephemeral');
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    while (!run.reload()) await turn();
    await run.shows('Users read again: nothing changed');
    let hasEnded = false;
    const code = run.code.finally(() => {
      hasEnded = true;
    });
    run.signal('SIGTERM');
    while (!hasEnded) {
      expect(run.reload()).toBe(true);
      await turn();
    }
    expect(await code).toBe(0);
  });

  test('a file that cannot be used, and one that is gone, change nothing and are told of', async () => {
    write(file(`[${key('AKIAFIRST', 'one')}]`));
    const run = place.postern('start', '--port', '0', '--ephemeral', '--config', 'postern.yaml');
    const url = await run.ready();
    await run.shows('"Configuration"');
    write(file('[{ accessKeyId: AKIASECOND }]'));
    run.reload();
    await run.shows('postern.yaml: users[0].accessKeys[0].secretAccessKey');
    await run.shows('The file cannot be used: users and their keys stay as they were');
    write(file(`[${key('AKIASECOND', '{ env: NOWHERE }')}]`));
    run.reload();
    await run.shows('the environment variable NOWHERE is not set');
    rmSync(join(place.folder, 'postern.yaml'));
    run.reload();
    await run.shows('there is no file');
    expect(await asks(url, 'AKIAFIRST', 'one')).toBe('served');
  });

  test('what else changed waits for a restart, and the log says so', async () => {
    write(file(`[${key('AKIAFIRST', 'one')}]`));
    const run = place.postern('start', '--port', '0', '--ephemeral');
    await run.ready();
    await run.shows('"Configuration"');
    write(
      `drainSeconds: 5\napis: { chat: { routes: { $default: http://localhost:9 } } }\n${file('[]')}`,
    );
    run.reload();
    await run.shows('drainSeconds changed: restart to use it');
    await run.shows('apis changed: restart to use it');
  });
});

describe('without a signal', () => {
  let gateway: TestGateway;
  let folder: string;
  let end = () => {};
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-users-'));
  });
  afterEach(async () => {
    end();
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });

  const said: string[] = [];
  async function follow(onceRead = () => {}) {
    const load = () => {
      try {
        const loaded = loadConfiguration({ argv: [], env: {}, cwd: folder, mode: 'start' });
        return { ...loaded, file: loaded.file };
      } finally {
        onceRead();
      }
    };
    const loaded = load();
    gateway = await startGateway({ mode: 'start', users: loaded.users });
    gateway.clock.jumpTo(Date.now());
    said.length = 0;
    const warn = (message: string) => void said.push(message);
    const log = { event() {}, info() {}, warn, error() {} };
    const onReloadSignal = () => () => {};
    const { clock } = gateway;
    end = followUsers({ gateway: gateway.gateway, loaded, load, log, clock, onReloadSignal });
  }

  test('a secret in a file of its own is followed within ten seconds', async () => {
    writeFileSync(join(folder, 'secret'), 'one\n');
    writeFileSync(join(folder, 'postern.yaml'), file(`[${key('AKIAFIRST', '{ file: secret }')}]`));
    await follow();
    expect(await asks(gateway.url, 'AKIAFIRST', 'one')).toBe('served');
    writeFileSync(join(folder, 'secret'), 'three\n');
    gateway.clock.advance(10_000);
    expect(await asks(gateway.url, 'AKIAFIRST', 'one')).toBe('InvalidSignatureException');
    expect(await asks(gateway.url, 'AKIAFIRST', 'three')).toBe('served');
  });

  // It was remembered as it stood after it had been read, and so never read again.
  test('one that is written as it is being read is read again', async () => {
    writeFileSync(join(folder, 'secret'), 'one\n');
    writeFileSync(join(folder, 'postern.yaml'), file(`[${key('AKIAFIRST', '{ file: secret }')}]`));
    let written = '';
    await follow(() => {
      if (written) writeFileSync(join(folder, 'secret'), written);
    });
    // As `program > secret` does: the file is empty until the program has something to say.
    writeFileSync(join(folder, 'secret'), '');
    written = 'three\n';
    gateway.clock.advance(10_000);
    expect(await asks(gateway.url, 'AKIAFIRST', 'one')).toBe('served');
    written = '';
    gateway.clock.advance(10_000);
    expect(await asks(gateway.url, 'AKIAFIRST', 'three')).toBe('served');
  });

  test('and so is one behind a link that is moved, as mounted secrets are', async () => {
    writeFileSync(join(folder, 'v1'), 'one');
    writeFileSync(join(folder, 'v2'), 'two');
    symlinkSync('v1', join(folder, 'secret'));
    writeFileSync(join(folder, 'postern.yaml'), file(`[${key('AKIAFIRST', '{ file: secret }')}]`));
    await follow();
    symlinkSync('v2', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'secret'));
    gateway.clock.advance(10_000);
    expect(await asks(gateway.url, 'AKIAFIRST', 'two')).toBe('served');
  });

  test('a setting that is as the gateway was started with needs no restart', async () => {
    const path = join(folder, 'postern.yaml');
    const users = file(`[${key('AKIAFIRST', 'one')}]`);
    writeFileSync(path, `drainSeconds: 5\n${users}`);
    await follow();
    writeFileSync(path, `drainSeconds: 50\n${users}`);
    gateway.clock.advance(10_000);
    expect(said).toEqual(['drainSeconds changed: restart to use it']);
    writeFileSync(path, `drainSeconds: 5 \n${users}`);
    gateway.clock.advance(10_000);
    expect(said).toEqual(['drainSeconds changed: restart to use it']);
  });

  test('the users of postern.yaml as well', async () => {
    writeFileSync(join(folder, 'postern.yaml'), file(`[${key('AKIAFIRST', 'one')}]`));
    await follow();
    writeFileSync(join(folder, 'postern.yaml'), file(`[${key('AKIASECOND', 'two')}]`));
    gateway.clock.advance(10_000);
    expect(await asks(gateway.url, 'AKIAFIRST', 'one')).toBe('UnrecognizedClientException');
    expect(await asks(gateway.url, 'AKIASECOND', 'two')).toBe('served');
  });
});
