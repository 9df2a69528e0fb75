import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/**
 * The plan of the house. A folder imports from bands above its own and from itself, never sideways and
 * never up. This table is also the diagram in docs/architecture.md.
 */
const bands: readonly (readonly string[])[] = [
  ['wire', 'ambient', 'transport'],
  ['mapping', 'iam', 'telemetry'],
  ['resources'],
  ['engines', 'backends', 'events'],
  ['integrations', 'authorizers', 'throttling', 'connections', 'stages', 'monitoring'],
  ['data-plane', 'management-api', 'control-plane', 'templates', 'operations'],
  ['server'],
  ['cli'],
];

const source = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(source, file));
const folderOf = (file: string) => relative(source, file).split('/').at(0)!;
const bandOf = (folder: string) => bands.findIndex((band) => band.includes(folder));

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    join(file, '..', match[1]!),
  );
}

const inside = files.filter((file) => relative(source, file).includes('/'));

test('every folder has its place in one band', () => {
  const folders = [...new Set(inside.map(folderOf))].sort();
  expect(folders).toEqual(bands.flat().sort());
});

test('imports point one way: to bands above, or within the folder', () => {
  const wrong = inside.flatMap((file) =>
    importsOf(file)
      .filter((imported) => {
        const from = folderOf(file);
        const to = folderOf(imported);
        return from !== to && bandOf(to) >= bandOf(from);
      })
      .map((imported) => `${relative(source, file)} imports ${relative(source, imported)}`),
  );
  expect(wrong).toEqual([]);
});

test('relative imports name their file with its extension', () => {
  const wrong = files.flatMap((file) => importsOf(file).filter((path) => !path.endsWith('.ts')));
  expect(wrong).toEqual([]);
});
