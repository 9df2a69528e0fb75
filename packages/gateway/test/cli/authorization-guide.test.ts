/**
 * docs/guides/authorization.md, run from top to bottom by a shell: files are written, commands are run,
 * and every line the guide shows must be part of a line they print, in this order.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isMissing } from '../control-plane/support/tool.ts';
import { freePort } from '../support/free-port.ts';

const root = join(import.meta.dirname, '../../../..');
const guide = readFileSync(join(root, 'docs/guides/authorization.md'), 'utf8');
const blocks = [...guide.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```/gms)].map(
  ([, language, file, text]) => ({ language: language!, file, text: text! }),
);
const lacks = await Promise.all([
  isMissing('/usr/bin/python3', ['-c', 'import boto3']),
  isMissing('/usr/bin/aws', ['--version']),
  isMissing('/usr/bin/curl', ['--version']),
]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-guide-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(lacks.includes(true))(
  'every command of the guide does what the guide says',
  { timeout: 300_000 },
  async () => {
    const [gateway, door] = [await freePort(), await freePort()];
    const placed = (text: string) =>
      text
        .replaceAll('127.0.0.1:4080', `127.0.0.1:${gateway}`)
        .replaceAll('127.0.0.1:3000', `127.0.0.1:${door}`)
        .replaceAll("('127.0.0.1', 3000)", `('127.0.0.1', ${door})`)
        // As long as it takes: the ten seconds begin somewhere, and the machine may be busy.
        .replaceAll('sleep 11', "until grep -q 'Users read again' postern.log; do sleep 0.2; done");
    for (const { file, text } of blocks) {
      if (file !== undefined) writeFileSync(join(folder, file), placed(text));
    }
    const scripts = blocks.filter(({ language }) => language === 'sh');
    expect(scripts).toHaveLength(7);
    const script = scripts.map(({ text }) => placed(text)).join('');
    const printed = await runs(script, { POSTERN_PORT: String(gateway) });
    const lines = printed.split('\n');
    const shown = blocks
      .filter(({ language }) => language === 'text')
      .flatMap(({ text }) => text.trimEnd().split('\n'));
    let at = 0;
    for (const line of shown) {
      const found = lines.findIndex((one, index) => index >= at && one.includes(line));
      expect(found < 0 ? `${printed}\nlacks: ${line}` : line).toBe(line);
      at = found + 1;
    }
    // Nothing but what the guide shows: a status it does not name would be another line.
    const statuses = (of: readonly string[]) => of.flatMap((line) => /^\d{3}\b/.exec(line) ?? []);
    expect(statuses(lines)).toEqual(statuses(shown));
  },
);

/** What the script prints. Whatever it has left running in the background is ended. */
function runs(script: string, env: Record<string, string>): Promise<string> {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const command = join(root, 'packages/gateway/bin/postern.js');
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${command}" "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
  return new Promise((resolve, reject) => {
    const shell = spawn('/bin/bash', ['-c', `${script}\nkill $(jobs -p)\nwait\n`], {
      cwd: folder,
      env: {
        ...env,
        PATH: `${bin}:${join(process.execPath, '..')}:/usr/bin:/bin`,
        HOME: folder,
        AWS_PAGER: '',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    shell.stdout.on('data', (chunk) => (printed += chunk));
    shell.stderr.on('data', (chunk) => (printed += chunk));
    shell.on('error', reject);
    shell.on('close', () => resolve(printed));
  });
}
