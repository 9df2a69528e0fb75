import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operations } from '../../src/control-plane/operations.ts';
import { operationsPage } from '../../src/server/operations-page.ts';

const page = operationsPage();

test('docs/operations.md is what the tables of operations and fields say', async () => {
  const docs = join(import.meta.dirname, '../../../../docs');
  await expect(page).toMatchFileSnapshot(join(docs, 'operations.md'));
});

test('docs/compatibility.md lists every operation and field of it', async () => {
  const docs = join(import.meta.dirname, '../../../../docs');
  const [, table = ''] = (await readFile(join(docs, 'compatibility.md'), 'utf8')).split(
    '## Operations and fields',
  );
  for (const { operation } of operations) expect(table).toMatch(new RegExp(`\\b${operation}\\b`));
  for (const [, field] of page.matchAll(/^\| `(\w+)` \| /gm))
    expect(table).toContain(`\`${field}\``);
});

test('the page names every operation once for each API that has it', () => {
  for (const { operation, path } of operations) {
    const lines = page.split('\n').filter((line) => line.startsWith(`| ${operation} |`));
    const apis = new Set(
      operations
        .filter((row) => row.operation === operation)
        .map((row) => row.path.startsWith('/v2/')),
    );
    expect(lines, `${operation} ${path}`).toHaveLength(apis.size);
  }
});

test('a row tells what a field takes, what it defaults to and how it is cleared', () => {
  expect(page).toContain(
    '| `timeoutInMillis` | integer | optional | optional | `29000` | 50 to 29000 |',
  );
  expect(page).toContain('| `stageName` | string | required |  |  | 1 to 128 characters |');
  expect(page).toContain(
    '| `description` | string | optional | optional |  | at most 1024 characters; cleared by "" |',
  );
});
