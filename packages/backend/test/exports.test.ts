import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as exported from '../src/index.ts';

const src = fileURLToPath(new URL('../src', import.meta.url));

test('the public names', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'PushError',
    'createBackend',
    'expressHandler',
    'fastifyPlugin',
    'honoHandler',
    'memoryStore',
    'nodeHandler',
    'nonceMemory',
    'sqlStore',
    'sqlTable',
    'verifySignature',
  ]);
});

test('nothing but Node itself and its own files is imported', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const source = readFileSync(`${src}/${file}`, 'utf8');
    for (const [, from = ''] of source.matchAll(/\bfrom '([^']+)'/g)) {
      const isOwn = from.startsWith('.') && !from.includes('packages');
      const isNode = builtinModules.includes(from.replace(/^node:/, ''));
      expect(isOwn || isNode, `${file} imports ${from}`).toBe(true);
    }
  }
});
