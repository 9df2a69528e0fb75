import { pause } from './load.mjs';
import { onFolder, scenario } from './stage.mjs';
import { plot, vitals } from './vitals.mjs';

/** What is done to a gateway that is one machine's, and to the processes it is made of. */

/** Short of five seconds, after which a worker that is silent is given up: on a busy machine a calm may last. */
const GIVEN_UP_MILLIS = 4000;

export const oneProcess = scenario(
  'process',
  'one process, embedded engine: kill -9 and restart, drain and restart',
  () => ({ names: ['a'], node: onFolder(), disconnectFailsEvery: 20 }),
  async ({ nodes: [node], calm, note }) => {
    await calm();
    await node.kill();
    note('kill -9');
    await pause(1000);
    await node.start();
    note('started again');
    await calm();
    await restart(node, note);
    await calm();
  },
);

export const workers = scenario(
  'workers',
  'two workers on one folder: kill -9 of one, freeze one, restart all',
  () => ({ names: ['a'], node: onFolder(['--workers', '2']), disconnectFailsEvery: 20 }),
  async ({ nodes: [node], load, ledger, calm, note }) => {
    const connected = () => load.tally();
    await calm();
    process.kill(node.workers()[0], 'SIGKILL');
    note('kill -9 of one worker');
    await calm();
    note(connected());
    const frozen = node.workers()[0];
    process.kill(frozen, 'SIGSTOP');
    const frozenAt = performance.now();
    note('one worker is frozen');
    await calm();
    process.kill(frozen, 'SIGCONT');
    ledger.mayBeEarly = performance.now() - frozenAt > GIVEN_UP_MILLIS;
    note(`it goes on; ${connected()}`);
    await calm();
    await restart(node, note);
    await calm();
    note(connected());
  },
);

/**
 * @param {import('./gateway-node.mjs').GatewayNode} node
 * @param {(what: string) => void} note
 */
async function restart(node, note) {
  const { code, millis } = await node.drain();
  note(`SIGTERM: exit ${code} after ${millis} ms`);
  await node.start();
  note('started again');
}

const SOAK_CALMS = 30;
const SAMPLES = 60;

export const soak = scenario(
  'soak',
  'one process under constant load, clients coming and going, for thirty times --calm',
  () => ({ names: ['a'], node: onFolder(), disconnectFailsEvery: 50 }),
  async ({ nodes: [node], load, note, size: { sockets, calmSeconds } }) => {
    const startedAt = performance.now();
    const seconds = calmSeconds * SOAK_CALMS;
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const churn = setInterval(() => load.churn(Math.ceil(sockets / 100)), 1000);
    const samples = [];
    await vitals(node, 0);
    try {
      for (let at = 0; at < SAMPLES; at += 1) {
        await pause(Math.max(0, ((at + 1) * seconds) / SAMPLES - elapsed()) * 1000);
        samples.push(await vitals(node, elapsed()));
      }
    } finally {
      clearInterval(churn);
    }
    note(`${Math.round(elapsed() / 60)} minutes, ${SAMPLES} looks at the process:`);
    for (const line of plot(samples)) note(line);
  },
);
