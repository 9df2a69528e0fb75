#!/usr/bin/env node
import { existsSync } from 'node:fs';

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
  // Imported late, so that an old Node.js meets the sentence above and not a syntax error.
  const { main: run, processIo } = await import(main.href);
  process.exit(await run(process.argv.slice(2), processIo()));
}
