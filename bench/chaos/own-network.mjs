import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Runs a play in a network namespace of its own, and in a process namespace, whose end is the end of every
 * process in it: nothing stays behind, however the run ends. Needs root and Linux.
 */

const SELF = fileURLToPath(import.meta.url);

/**
 * @param {import('./stage.mjs').Scenario} scenario
 * @param {string} module URL of the module that exports it, under its name
 * @returns {import('./stage.mjs').Scenario}
 */
export function inOwnNetwork({ name, title }, module) {
  return { name, title, run: (size, tell) => runApart([module, name], size, tell) };
}

/**
 * @param {readonly string[]} place
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 * @returns {Promise<import('./stage.mjs').Report>}
 */
async function runApart(place, size, tell) {
  const separate = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
  const argv = [...separate, process.execPath, SELF, ...place, JSON.stringify(size)];
  // It reads its standard input to the end: the end of this process is its own.
  const child = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  /** @type {import('./stage.mjs').Report | undefined} */
  let report;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const said = JSON.parse(line);
    if (said.report) report = said.report;
    else tell(said.line);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (!report) throw new Error(`The play in a network of its own ended with ${code}`);
  return report;
}

if (process.argv[1] === SELF) {
  const [, , module = '', name = '', size = ''] = process.argv;
  process.stdin.resume().on('end', () => process.exit(1));
  const say = (/** @type {object} */ what) => process.stdout.write(`${JSON.stringify(what)}\n`);
  const { [name]: scenario } = await import(module);
  const report = await scenario.run(JSON.parse(size), (/** @type {string} */ line) =>
    say({ line }),
  );
  process.stdout.write(`${JSON.stringify({ report })}\n`, () => process.exit(0));
}
