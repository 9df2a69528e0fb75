import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, install, root, run } from './prepare.mjs';

/**
 * `npm test`: everything that must hold, in the order in which it is cheapest to learn that it does
 * not. Arguments after `--` go to vitest: `npm test -- e2e/push.test.ts`.
 */
const vitestArgs = process.argv.slice(2);

const steps = [
  ['install', install],
  ['build', build],
  ['test tools', installTestTools],
  ['lint', () => run('biome check', 'node_modules/@biomejs/biome/bin/biome', 'check', '.')],
  ['types', () => run('tsc', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json')],
  ['types of bench', () => run('tsc', 'node_modules/typescript/bin/tsc', '-p', 'bench')],
  [
    'types of conformance',
    () => run('tsc', 'node_modules/typescript/bin/tsc', '-p', 'conformance'),
  ],
  [
    'types of the console',
    () => run('tsc', 'node_modules/typescript/bin/tsc', '-p', 'packages/console'),
  ],
  ['package tests', () => vitest('packages')],
  ['end-to-end tests', () => vitest('e2e')],
];

const started = Date.now();
const passed = [];

for (const [name, step] of steps) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 72 - name.length))}`);
  const stepStarted = Date.now();
  try {
    step();
  } catch (error) {
    const before = passed.length > 0 ? ` (passed before it: ${passed.join(', ')})` : '';
    console.error(`\nFAILED at "${name}": ${error.message}${before}`);
    process.exit(1);
  }
  passed.push(`${name} ${seconds(stepStarted)}`);
}

console.log(`\nPASSED in ${seconds(started)}: ${passed.join(', ')}`);

function vitest(project) {
  // A filter that names files of one project only must not fail the other.
  const narrowed = vitestArgs.length > 0 ? ['--passWithNoTests', ...vitestArgs] : [];
  const args = ['run', '--project', project, ...narrowed];
  run('vitest', 'node_modules/vitest/vitest.mjs', ...args);
}

function installTestTools() {
  if (process.platform === 'win32') {
    console.log('Test tools come from Debian packages; tests that need them will be skipped.');
    return;
  }
  const script = join(root, 'scripts', 'install-test-tools.sh');
  const { status, error } = spawnSync('bash', [script], { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) throw new Error('test tools are missing');
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
