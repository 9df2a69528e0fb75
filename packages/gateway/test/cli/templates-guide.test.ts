/**
 * docs/guides/templates.md, run from top to bottom: files are written, commands are run, and every line the
 * guide shows must be among what they print.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Run, Workplace } from './support.ts';

interface Block {
  readonly language: string;
  readonly word: string | undefined;
  readonly text: string;
}

const guide = readFileSync(
  join(import.meta.dirname, '../../../../docs/guides/templates.md'),
  'utf8',
);
const blocks: Block[] = [...guide.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```/gms)].map(
  ([, language, word, text]) => ({ language: language!, word, text: text! }),
);
const DEFAULT = '127.0.0.1:4080';

let place: Workplace;
let gateway: Run | undefined;
let address = DEFAULT;
beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place.close());

/** Runs one line of the guide; what it printed. */
async function run(line: string, fails: boolean): Promise<string> {
  if (line.startsWith('curl -s ')) {
    const url = line.slice('curl -s '.length).replace(DEFAULT, address);
    return new Promise((resolve) => execFile('curl', ['-s', url], (_, stdout) => resolve(stdout)));
  }
  const argv = line.replace(/^npx postern /, '').split(' ');
  if (argv[0] === 'dev') {
    gateway?.signal('SIGTERM');
    await gateway?.code;
    gateway = place.posternWith({ POSTERN_PORT: '0' }, ...argv);
    address = (await gateway.ready()).replace('http://', '');
    await gateway.shows(/endpoint_url |No API is deployed/);
    return gateway.stdout();
  }
  const command = place.posternWith({ POSTERN_ENDPOINT: `http://${address}` }, ...argv);
  expect({ line, code: await command.code, stderr: fails ? '' : command.stderr() }).toEqual({
    line,
    code: fails ? 1 : 0,
    stderr: '',
  });
  return `${command.stdout()}${command.stderr()}`;
}

test('every command of the guide does what the guide says', async () => {
  expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(8);
  let printed = '';
  for (const { language, word, text } of blocks) {
    if (language === 'yaml') writeFileSync(join(place.folder, word!), text);
    if (language === 'sh') {
      const lines = text.trimEnd().split('\n');
      printed = '';
      for (const line of lines) printed += await run(line, word === 'fails');
    }
    if (language !== 'text') continue;
    for (const line of text.trimEnd().split('\n')) {
      expect(printed.replaceAll(address, DEFAULT).replaceAll(`${place.folder}/`, '')).toContain(
        line,
      );
    }
  }
}, 60_000);
