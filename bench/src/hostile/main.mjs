import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPeakBytes, readResidentBytes, resetPeak } from '../measure/memory.mjs';
import { ATTACKS } from './attacks.mjs';
import { startBackend } from './backend.mjs';
import { startGateway } from './gateway.mjs';
import { HonestClients } from './honest.mjs';

/**
 * `npm run bench -- hostile`: each attack against a gateway of its own that serves honest clients. Says
 * how much memory the gateway had at most, and whether the honest were served. Loopback only.
 */

const HELP = `Usage: npm run bench -- hostile [options]

  --honest N      honest clients, 10 to 5000 (default 1000)
  --seconds S     length of each attack, 1 to 60 (default 5)
  --attack NAME   only this one; may be given again (default: all)
  --help          this text

Attacks:
${ATTACKS.map(({ name, title }) => `  ${name.padEnd(16)}  ${title}`).join('\n')}

Exit code: 0 when every honest client kept its connection and was answered.
`;

const ATTACKER = fileURLToPath(new URL('./attacker.mjs', import.meta.url));
/** A message of the honest that has no answer by then counts as not answered. */
const PATIENCE_MILLIS = 3000;

/**
 * @param {string} name
 * @param {{ honest: number, seconds: number }} options
 */
async function measure(name, { honest, seconds }) {
  const backend = await startBackend();
  const { server, target } = await startGateway(backend.port);
  const clients = new HonestClients();
  const attacker = fork(ATTACKER, { stdio: 'inherit' });
  try {
    await clients.open(target, honest);
    backend.pushTo(new URL(`http://${target.host}:${target.port}${target.path}`));
    await sleep(2000);
    resetPeak(server.pid);
    const before = readResidentBytes(server.pid);
    clients.reset();
    attacker.send({ name, target });
    await sleep(seconds * 1000);
    const peak = readPeakBytes(server.pid);
    const { sent } = clients.served();
    await sleep(PATIENCE_MILLIS);
    const served = clients.served();
    const isUp = !server.endedEarly;
    return { name, before, peak, sent, served, refused: backend.refused(), isUp };
  } finally {
    attacker.kill('SIGKILL');
    clients.close();
    await server.stop();
    backend.stop();
  }
}

/** @typedef {Awaited<ReturnType<typeof measure>>} Measured */

/** @param {Measured} measured */
function row({ name, before, peak, sent, served, isUp }) {
  const title = ATTACKS.find((attack) => attack.name === name)?.title ?? name;
  const connections = ATTACKS.find((attack) => attack.name === name)?.connections ?? 0;
  const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / 1_048_576);
  const millis = (/** @type {number} */ micros) => (micros / 1000).toFixed(0);
  const { latency } = served;
  return [
    title,
    connections,
    megabytes(before),
    megabytes(peak),
    `${Math.min(served.answered, sent)} of ${sent}`,
    latency === null ? '–' : `${millis(latency.p50)} / ${millis(latency.p99)}`,
    isUp ? served.lost : 'gateway ended',
  ].join(' | ');
}

/** @param {readonly string[]} args */
async function main(args) {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      honest: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '5' },
      attack: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const honest = within('--honest', values.honest, 10, 5000);
  const seconds = within('--seconds', values.seconds, 1, 60);
  const unknown = values.attack.find((name) => !ATTACKS.some((attack) => attack.name === name));
  if (unknown !== undefined) throw new Error(`--attack: there is none named "${unknown}"`);
  const names = values.attack.length > 0 ? values.attack : ATTACKS.map(({ name }) => name);
  process.stdout.write(
    `${honest} honest clients, a message each every two seconds; each attack for ${seconds} s\n\n` +
      '| attack | its connections | MB before | MB at most | honest messages answered | ' +
      'ms p50 / p99 | honest connections lost |\n|---|---|---|---|---|---|---|\n',
  );
  let isFine = true;
  for (const name of names) {
    const measured = await measure(name, { honest, seconds });
    process.stdout.write(`| ${row(measured)} |\n`);
    isFine &&= measured.isUp && measured.served.lost === 0;
    isFine &&= measured.served.answered >= measured.sent;
  }
  return isFine ? 0 : 1;
}

/**
 * @param {string} option
 * @param {string} text
 * @param {number} min
 * @param {number} max
 */
function within(option, text, min, max) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${option}: "${text}" is not a whole number from ${min} to ${max}`);
}

/** Ends at once: what a failed start has left open must not keep the process. */
try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
