import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test, vi } from 'vitest';

const BYTES_MAX = 60 * 1024;

test('scripts and styles together are under 60 KB zipped, and the page holds none of them', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const result = await build({
    configFile: join(import.meta.dirname, '../vite.config.ts'),
    logLevel: 'silent',
    build: { write: false },
  });
  vi.unstubAllEnvs();
  if (!('output' in result)) throw new Error('one build was expected');
  const files = result.output.map((file) => ({
    name: file.fileName,
    text: file.type === 'chunk' ? file.code : file.source,
  }));
  const loaded = files.filter(({ name }) => /\.(?:js|css)$/.test(name));
  const bytes = loaded.reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0);
  expect(bytes).toBeLessThan(BYTES_MAX);
  const page = String(files.find(({ name }) => name === 'index.html')?.text);
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/);
});
