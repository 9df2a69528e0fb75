import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { connect } from '../support/test-socket.ts';
import { type Run, Workplace } from './support.ts';

/** The commands that ask a running gateway: connections, push, tail, connect, doctor. */

let place: Workplace;
let backend: RecordingBackend;
let url: string;
let wsUrl: string;
beforeEach(async () => {
  place = new Workplace();
  backend = await startBackend();
  writeFileSync(
    join(place.folder, 'postern.yaml'),
    `apis:
  chat:
    routes:
      $connect: ${backend.url}/connect
      $default: { url: '${backend.url}/message', twoWay: true }
`,
  );
  url = await place.postern('dev', '--port', '0', '--ephemeral').ready();
  wsUrl = `${url.replace('http', 'ws')}/production`;
});
afterEach(async () => {
  await place.close();
  await backend.stop();
});

const run = (...argv: string[]) => place.postern(...argv, '--endpoint', url);

async function output(command: Run): Promise<string> {
  expect(await command.code, command.stderr()).toBe(0);
  return command.stdout();
}

const named = (name: string) => connect(wsUrl, { headers: { 'User-Agent': name } });
const idOf = async (name: string) =>
  (await output(run('connections', name, '--json'))).match(/"connectionId":"([^"]+)"/)![1]!;

describe('postern connections', () => {
  test('lists them, newest first, with a count', async () => {
    await named('first');
    await named('second');
    expect((await output(run('connections'))).split('\n')).toEqual([
      expect.stringMatching(
        /^.{18}== {2}\w{10}\/production {2}127\.0\.0\.1 {2}open \d+ s.*second$/,
      ),
      expect.stringMatching(/first$/),
      '2 connections',
      '',
    ]);
  });

  test('finds by text and filters', async () => {
    await named('one');
    await named('two');
    expect(await output(run('connections', 'one'))).toMatch(/one\n1 of 2 connections\n$/);
    expect(await output(run('connections', '--idle', '3600'))).toBe('0 of 2 connections\n');
    expect(await output(run('connections', '--limit', '1'))).toMatch(/, the newest 1 shown\n$/);
  });

  test('prints what a client chose without letting it write to the terminal', async () => {
    await named('evil\x1b[31m'.replace('\x1b', '\t'));
    expect(await output(run('connections'))).toContain('evil?[31m');
  });

  test('closes one', async () => {
    const socket = await named('one');
    const id = await idOf('one');
    expect(await output(run('connections', '--close', id))).toBe(`Closed: ${id}\n`);
    expect((await socket.closed).code).toBe(1000);
    const again = run('connections', '--close', id);
    expect(await again.code).toBe(1);
    expect(again.stderr()).toBe('There is no such connection (any more)\n');
  });

  test('refuses to sweep by what a sweep does not know', async () => {
    const command = run('connections', '--sweep', '--principal', 'me');
    expect(await command.code).toBe(2);
    expect(command.stderr()).toContain('--sweep goes with --api, --stage and --idle');
  });
});

describe('postern push', () => {
  test('sends the words to the connection', async () => {
    const socket = await named('one');
    expect(await output(run('push', await idOf('one'), 'hello', 'there'))).toBe('Sent 11 bytes\n');
    expect(await socket.next()).toBe('hello there');
  });

  test('to one that is gone fails, and without text is misused', async () => {
    const gone = run('push', 'gbgA_A9XiQAYKEiI6A==', 'x');
    expect(await gone.code).toBe(1);
    expect(await run('push', 'gbgA_A9XiQAYKEiI6A==').code).toBe(2);
  });
});

describe('postern push --stage', () => {
  test('sends the words to all of the stage, or to those that fit', async () => {
    const [one, two] = [await named('one'), await named('two')];
    const all = run('push', '--stage', 'production', 'hello', 'all');
    expect(await output(all)).toBe('Sent to 2, refused by 0, gone 0\n');
    const some = run('push', '--stage', 'production', '--user-agent', 'two', '--older', '0', 'few');
    expect(await output(some)).toBe('Sent to 1, refused by 0, gone 0\n');
    expect(await one.next()).toBe('hello all');
    expect([await two.next(), await two.next()]).toEqual(['hello all', 'few']);
  });

  test.each([
    [['--principal', 'ada', 'ID', 'x'], '--principal: of which --stage?'],
    [['--stage', 'production', '--principal=', 'x'], '--principal: must not be empty'],
    [['--stage', 'production'], 'What TEXT?'],
  ])('%j is misused', async (argv, words) => {
    const command = run('push', ...argv);
    expect(await command.code).toBe(2);
    expect(command.stderr()).toContain(words);
  });

  test('for a stage there is not fails', async () => {
    const command = run('push', '--stage', 'nowhere', 'x');
    expect(await command.code).toBe(1);
    expect(command.stderr()).toContain('There is no such stage');
  });
});

describe('postern tail', () => {
  test('shows what happens, with its steps, until it is stopped', async () => {
    const tail = run('tail', 'message', '--steps');
    const socket = await named('one');
    // The command has no ready line: messages are sent until one is seen.
    const timer = setInterval(() => socket.send('{"n":1}'), 50);
    await tail.shows(/ message +\$default .* 200 /);
    await tail.shows(/ms {2}frame +\{"n":1\}/);
    clearInterval(timer);
    tail.signal('SIGINT');
    expect(await tail.code).toBe(0);
  });

  test('of failures, as JSON, has the rule', async () => {
    const tail = run('tail', 'failures', '--json');
    const timer = setInterval(() => void connect(`${url}/nowhere`).catch(() => {}), 50);
    await tail.shows('"rule":"stage-not-found"');
    clearInterval(timer);
    tail.signal('SIGINT');
    expect(await tail.code).toBe(0);
    expect(JSON.parse(tail.lines()[0]!)).toMatchObject({ kind: 'connect', status: 403 });
  });
});

describe('postern connect', () => {
  test('sends what is typed and shows what comes', async () => {
    backend.answer('/message', ({ text }, response) => response.end(`echo ${text}`));
    const client = run('connect', 'production');
    await expect.poll(() => client.stderr()).toContain('Connected to ');
    place.stdin.write('hello\n');
    await client.shows('echo hello');
    place.stdin.end();
    expect(await client.code).toBe(0);
    expect(client.stderr()).toMatch(/Closed: 1000\n$/);
  });

  test('says why it was refused', async () => {
    backend.answer('/connect', (_, response) => {
      response.statusCode = 401;
      response.end('who are you?');
    });
    const client = run('connect', `${wsUrl}?token=hush`);
    expect(await client.code).toBe(1);
    expect(client.stderr()).toMatch(
      /^Refused with 401: who are you\?\nWhy: .*401.* \(rule backend-refused\)\n$/,
    );
    expect(client.stderr()).not.toContain('hush');
  });

  test('says that it was refused, though the words of it broke off', async () => {
    const server = createServer((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\nbe'),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const client = run('connect', `ws://127.0.0.1:${port}`);
    expect(await client.code).toBe(1);
    expect(client.stderr()).toBe('Refused with 403: The answer broke off: aborted\n');
    server.close();
  });
});

describe('postern doctor', () => {
  const doctor = (...argv: string[]) => run('doctor', '--ephemeral', ...argv);

  test('finds nothing wrong where nothing is, and says where AWS would differ', async () => {
    const text = await output(doctor());
    expect(text).toMatch(/^ok {7}Postern \d/);
    expect(text).toContain(`ok       A gateway answers at ${url}: `);
    expect(text).toContain('ok       The clocks agree');
    expect(text).toContain(`ok       chat: ${backend.url} accepts connections`);
    expect(text).toContain('ok       chat: stage production is deployed as the API is');
    expect(text).toContain(
      'Guide 5.2: WebSocket works locally but not in production (or vice versa)',
    );
    expect(text).toContain('ok       Nothing was refused lately');
  });

  test('a backend that is down has failed: exit code 1', async () => {
    await backend.stop();
    const command = doctor();
    expect(await command.code).toBe(1);
    expect(command.stdout()).toMatch(
      /failed {3}chat: http:\S+ cannot be reached \(ECONNREFUSED\)\n.*\n {11}Guide 5\.2: Client keeps/,
    );
    backend = await startBackend();
  });

  test('names the rows of what was refused, and of what is not mapped or not deployed', async () => {
    const { apiId } = (
      (await (await fetch(`${url}/v2/apis`)).json()) as { items: { apiId: string }[] }
    ).items[0]!;
    const integrations = `${url}/v2/apis/${apiId}/integrations`;
    const { items } = (await (await fetch(integrations)).json()) as {
      items: { integrationId: string }[];
    };
    await fetch(`${integrations}/${items[0]!.integrationId}`, {
      method: 'PATCH',
      body: JSON.stringify({
        requestParameters: { 'integration.request.header.connectionId': '' },
      }),
    });
    await connect(`${url}/nowhere`).catch(() => {});
    await run('push', 'gbgA_A9XiQAYKEiI6A==', 'x').code;
    await fetch(`${url}/production/@connections/gbgA_A9XiQAYKEiI6A%3D%3D`, { method: 'POST' });
    const text = await output(doctor());
    expect(text).toContain('is not told the connectionId');
    expect(text).toContain('Guide 5.2: "connectionId header missing"');
    expect(text).toMatch(/1 changes? (?:is|are) not deployed to production/);
    expect(text).toContain('Guide 5.2: GoneException when pushing');
    expect(text).toContain('1 of the last handshakes were refused');
    expect(text).toContain('Guide 5.2: Client keeps reconnecting');
  });

  test('examines the configuration of start, without a gateway', async () => {
    writeFileSync(
      join(place.folder, 'postern.yaml'),
      'users: [{ name: a, accessKeys: [{ accessKeyId: AKIAX, secretAccessKey: s }] }]',
    );
    const command = place.postern('doctor', '--mode', 'start', '--port', '0', '--ephemeral');
    expect(await command.code).toBe(0);
    expect(command.stdout()).toContain('warning  No access key may push to every stage');
    expect(command.stdout()).toContain('Guide 5.2: Push silently fails');
    expect(command.stdout()).toContain('No gateway answers at');
  });

  test('tells what is wrong with the configuration: exit code 1', async () => {
    writeFileSync(join(place.folder, 'postern.yaml'), 'prot: 1\n');
    const command = doctor();
    expect(await command.code).toBe(1);
    expect(command.stdout()).toContain('failed   postern.yaml: prot: unknown key');
  });

  test('a port that something else has: exit code 1', async () => {
    const port = String(backend.port);
    const command = place.postern('doctor', '--port', port, '--ephemeral');
    expect(await command.code).toBe(1);
    expect(command.stdout()).toContain(`failed   Port ${port} of 127.0.0.1 is taken by another`);
  });
});
