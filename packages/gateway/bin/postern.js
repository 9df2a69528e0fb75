#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
const main = new URL('../dist/cli/main.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Postern needs Node.js 20.19 or newer; this is ${process.version}. See https://nodejs.org/`,
  );
  process.exitCode = 1;
} else if (!existsSync(main)) {
  console.error('Postern is not built here. Run `npm run build` in the folder of its repository.');
  process.exitCode = 1;
} else {
  // Loaded late, so that an old Node.js meets the sentence above and not a syntax error.
  const { main: run, processIo } = isBundled()
    ? createRequire(import.meta.url)('../dist/bundle/main.cjs')
    : await import(main.href);
  process.exit(await run(process.argv.slice(2), processIo()));
}

/**
 * Whether there is a bundle, made of what was compiled last. The compiler keeps a record of that, and
 * the bundle a copy of the one it was made with; an installed package has neither.
 */
function isBundled() {
  const [compiled, bundled] = ['.tsbuildinfo', 'bundle/.tsbuildinfo'].map(recordIn);
  return compiled === bundled && existsSync(new URL('../dist/bundle/main.cjs', import.meta.url));
}

function recordIn(path) {
  const record = new URL(`../dist/${path}`, import.meta.url);
  return existsSync(record) ? readFileSync(record, 'latin1') : '';
}
