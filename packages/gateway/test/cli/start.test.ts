import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workplace } from './support.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.close());

const FILE = `
apis:
  chat:
    id: chatchatch
    routes: { $default: http://localhost:9 }
users:
  - name: backend
    accessKeys: [{ accessKeyId: AKIAEXAMPLE, secretAccessKey: { env: SECRET } }]
`;

test('the ready line is plain, everything else one JSON object per line, without secrets', async () => {
  writeFileSync(join(place.folder, 'postern.yaml'), FILE);
  const run = place.posternWith({ SECRET: 'hush' }, 'start', '--port', '0', '--ephemeral');
  const url = await run.ready();
  await run.shows('"Serving"');
  run.signal('SIGTERM');
  expect(await run.code).toBe(0);

  const [ready, ...rest] = run.stdout().trimEnd().split('\n');
  expect(ready).toBe(`Postern ready on ${url}`);
  const objects = rest.map((line) => JSON.parse(line));
  expect(objects.map(({ message }) => message)).toEqual([
    'Configuration',
    'Serving',
    expect.stringMatching(/^Stopping/),
    'Stopped.',
  ]);
  expect(objects[0]).toMatchObject({ port: 0, host: '127.0.0.1', ephemeral: true });
  expect(objects[1]).toMatchObject({ apiId: 'chatchatch', url: `${url}/production` });
  expect(run.stdout()).not.toContain('hush');
});

test('without access keys it says that every push will be refused, and refuses', async () => {
  const run = place.postern('start', '--port', '0', '--ephemeral');
  const url = await run.ready();
  await run.shows('No access keys are configured');
  expect((await fetch(`${url}/v2/apis`)).status).toBe(403);
});

test('beyond this machine it does not start without access keys', async () => {
  const run = place.postern('start', '--host', '0.0.0.0');
  expect(await run.code).toBe(2);
  expect(run.stderr()).toMatch(/will not listen on 0\.0\.0\.0 without access keys/);
});

test('an admin port is told in the log, and by name when it is taken', async () => {
  const run = place.postern('start', '--port', '0', '--admin-port', '0', '--ephemeral');
  await run.ready();
  await run.shows('"Control plane"');
  const { url } = JSON.parse(
    run
      .stdout()
      .split('\n')
      .find((line) => line.includes('"Control'))!,
  );
  expect((await fetch(`${url}/@health/live`)).status).toBe(200);

  const { port } = new URL(url);
  const other = place.postern('start', '--port', '0', '--admin-port', port, '--ephemeral');
  expect(await other.code).toBe(1);
  expect(other.stderr()).toContain(`Port ${port} of 127.0.0.1 is in use by another program.`);
  expect(other.stderr()).toContain('--admin-port 0');
});
