import './node-version.mjs';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { root } from './prepare.mjs';

/**
 * The console as static files, and a copy of them inside the gateway's `dist`: so the package
 * `postern` brings them along and needs nothing to build them.
 */
const folder = join(root, 'packages', 'console');
const served = join(root, 'packages', 'gateway', 'dist', 'console');

await build({ configFile: join(folder, 'vite.config.ts'), logLevel: 'warn' });
rmSync(served, { recursive: true, force: true });
cpSync(join(folder, 'dist'), served, { recursive: true });
