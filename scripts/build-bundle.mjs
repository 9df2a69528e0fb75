import './node-version.mjs';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './prepare.mjs';

/**
 * The command `postern` in a few files, made of the compiled ones: a process that reads eight hundred
 * takes twice as long to start. Names and lines stay readable, and what stands where is said, so
 * that a stack trace leads to the source. CommonJS, because Node.js has it sooner.
 */

/**
 * The packages that are inside: they read nothing but the operator's own files. The others are found as
 * ever, so that a repaired one is in force once it is installed.
 */
const inside = ['yaml', 'zod'];

const folder = join(root, 'packages', 'gateway');
const dist = join(folder, 'dist');
const bundle = join(dist, 'bundle');

rmSync(bundle, { recursive: true, force: true });
const build = await rolldown({
  cwd: folder,
  input: { main: join(dist, 'cli', 'main.js') },
  platform: 'node',
  external: (id) => /^[a-z@]/.test(id) && !inside.includes(id),
});
await build.write({
  dir: bundle,
  format: 'cjs',
  // As the modules are.
  strict: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  // Node.js holds a text twice as large that has one character beyond Latin.
  charset: 'ascii',
  comments: false,
});
await build.close();

const licenses = inside.map((name) => {
  const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
  return `${name}\n\n${text}`;
});
writeFileSync(join(bundle, 'LICENSES.txt'), licenses.join('\n\n'));
// What it was made of. `bin/postern.js` leaves a bundle alone that was made of something else.
copyFileSync(join(dist, '.tsbuildinfo'), join(bundle, '.tsbuildinfo'));
