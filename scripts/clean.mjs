import './node-version.mjs';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

/** `npm run clean`: removes what building and testing made. Installed packages and data stay. */
const made = [
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'dist')),
  'coverage',
  join('bench', 'results'),
  join('e2e', 'screenshots'),
];

for (const path of made) rmSync(join(root, path), { recursive: true, force: true });
