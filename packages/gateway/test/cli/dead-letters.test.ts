import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { connect } from '../support/test-socket.ts';
import { Workplace } from './support.ts';

let place: Workplace;
let backend: RecordingBackend;
let url: string;
beforeEach(async () => {
  place = new Workplace();
  backend = await startBackend();
  writeFileSync(
    join(place.folder, 'postern.yaml'),
    `disconnectAttemptsMax: 2
apis:
  chat:
    routes: { $disconnect: '${backend.url}/disconnect' }
`,
  );
  url = await place.postern('dev', '--port', '0', '--ephemeral').ready();
});
afterEach(async () => {
  await place.close();
  await backend.stop();
});

/** A command that ends by itself: its exit code and what it printed. */
async function letters(...argv: string[]) {
  const run = place.postern('dead-letters', ...argv, '--endpoint', url);
  const code = await run.code;
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

/** Connections that come and go while the backend fails, until they are dead letters. */
async function bury(count: number): Promise<void> {
  backend.answer('/disconnect', (_, response) => {
    response.statusCode = 500;
    response.end();
  });
  for (let number = 0; number < count; number += 1) {
    const socket = await connect(`${url.replace('http', 'ws')}/production`);
    socket.close();
    await socket.closed;
  }
  await expect.poll(async () => (await letters()).stdout).toContain(`${count} dead letter`);
  backend.answer('/disconnect', (_, response) => response.end());
}

test('are listed, shown, tried again and dropped', async () => {
  expect(await letters()).toEqual({ code: 0, stdout: '0 dead letters\n', stderr: '' });
  await bury(3);
  const listed = (await letters('list')).stdout.split('\n');
  const line = /^(\S+) {2}\S+ {2}\S+\/production {2}1005 {2}2 attempts: the backend answered 500$/;
  const ids = listed.slice(0, 3).map((text) => line.exec(text)?.[1] ?? '');
  expect(listed.slice(3)).toEqual(['3 dead letters', '']);

  const shown = await letters('show', ids[0]!);
  expect(JSON.parse(shown.stdout)).toMatchObject({ id: ids[0], attempts: 2 });

  expect((await letters('drop', ids[0]!)).stdout).toBe(`Dropped: ${ids[0]}\n`);
  expect((await letters('replay', ids[1]!)).stdout).toBe(`Tried again: ${ids[1]}\n`);
  expect((await letters('replay', '--all')).stdout).toBe('Tried again: 1\n');
  expect((await letters('drop', '--all')).stdout).toBe('Dropped: 0\n');
  expect(await letters()).toMatchObject({ code: 0, stdout: '0 dead letters\n' });
});

test('an id there is not is said so', async () => {
  expect(await letters('show', 'nobody')).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('There is no dead letter nobody'),
  });
});

test.each([
  [['lst'], 'Expected list, show, replay or drop, got lst (did you mean "list"?)'],
  [['show'], 'Which one?'],
  [['show', '--all'], 'show wants an id'],
  [['list', 'x'], 'list takes no id'],
  [['drop', 'x', '--all'], 'Either ids or --all'],
])('%j makes no sense', async (argv, message) => {
  const { code, stderr } = await letters(...argv);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
