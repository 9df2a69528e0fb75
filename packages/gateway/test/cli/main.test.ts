import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workplace } from './support.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.close());

test.each(['--help', '-h', 'help'])('postern %s shows the commands', async (flag) => {
  const run = place.postern(flag);
  expect(await run.code).toBe(0);
  expect(run.stdout()).toMatch(/postern dev .*\n.*postern start /);
});

test.each([
  ['dev', '--help'],
  ['dev', '--port', '1', '-h'],
  ['help', 'dev'],
])('postern %s %s shows every option of dev', async (...argv) => {
  const run = place.postern(...argv);
  expect(await run.code).toBe(0);
  expect(run.stdout()).toContain('--backend URL');
  expect(run.stdout()).toContain('Default 4080. POSTERN_PORT');
});

test.each(['--version', '-v'])('postern %s prints the version of the package', async (flag) => {
  const file = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const run = place.postern(flag);
  expect(await run.code).toBe(0);
  expect(run.stdout()).toBe(`${JSON.parse(file).version}\n`);
});

test.each([
  ['devv', 'Unknown command "devv" (did you mean "dev"?). See postern --help.\n'],
  ['strat', 'Unknown command "strat" (did you mean "start"?). See postern --help.\n'],
  ['frobnicate', 'Unknown command "frobnicate". See postern --help.\n'],
  [
    '--port',
    '"--port" is no command; options come after one, as in "postern dev --port". See postern --help.\n',
  ],
])('postern %s is misused: exit code 2', async (word, message) => {
  const run = place.postern(word);
  expect(await run.code).toBe(2);
  expect(run.stderr()).toBe(message);
  expect(run.stdout()).toBe('');
});

test('postern alone shows the commands, and is misused', async () => {
  const run = place.postern();
  expect(await run.code).toBe(2);
  expect(run.stderr()).toContain('postern dev');
});

test('a wrong option is told on standard error: exit code 2, nothing started', async () => {
  const run = place.postern('dev', '--prot', '--host=0.0.0.0');
  expect(await run.code).toBe(2);
  expect(run.stderr()).toBe(
    '--prot: unknown option (did you mean "--port"?)\nSee postern dev --help.\n',
  );
  expect(run.stdout()).toBe('');
});
