import { derive, fleetPushes, machineConnects, machinePushes, redisLimit } from './arithmetic.mjs';
import { SHAPES } from './shapes.mjs';
import { spread } from './table.mjs';

/** docs/scaling.md. Written whole by `npm run bench -- scaling`. */

/** @typedef {import('./main.mjs').ScalingResults} ScalingResults */
/** @typedef {import('./measure.mjs').Row} Row */

const CORES = [1, 2, 4, 8, 16, 32];
const NODES = [1, 2, 3, 5, 10, 20, 50];
const CONNECTIONS = [10_000, 50_000, 250_000, 1_000_000];

/**
 * @param {ScalingResults} results of all works
 * @returns {string}
 */
export function scalingPage(results) {
  const { machine, settings, rows, revision, startedAt, node, bytesPerSocket } = results;
  const d = derive(rows);
  const one = (/** @type {number} */ micros) => micros.toFixed(1);
  const times = (/** @type {number} */ ratio) => ratio.toFixed(2);
  return `# How far it scales

What one process, several workers and several nodes cost, measured, and what larger machines and fleets carry,
calculated from that. How to set it up is in [Scaling](guides/scaling.md). Written by \`npm run bench -- scaling\`, which
starts the gateways, a Redis and the load on one machine; nobody edits it.

- ${startedAt.slice(0, 10)}, revision \`${revision}\`, Node.js ${node}; ${machine.platform}, ${machine.cores} cores (${machine.cpu}), load
  ${machine.loadAverageBefore.toFixed(2)} before the run
- loopback, no TLS, 100 B; pushes signed as boto3 signs; ${settings.rounds} rounds of ${settings.seconds} s, interleaved, median (lowest–highest)
- CPU time is that of all of the gateway's processes together, divided by the operations that arrived; Redis's own
  stands beside it, and of workers the part that is their supervisor's. All of it shares ${machine.cores} cores, so operations per second are no capacity and are not shown

## Measured

| | what it is |
|---|---|
${SHAPES.map(({ label, inFull }) => `| ${label} | ${inFull} |`).join('\n')}

Connections are spread evenly. *To any*: pushes go to every process in turn, so with N of them (N − 1)/N are for a
connection that another one holds, and are handed over. *To the holder*: none is.

${[...new Set(rows.map(({ work }) => work))].map((work) => measured(work, rows)).join('\n\n')}

## What a push that is handed over costs

A push to any of N processes costs \`local + (N − 1)/N × extra\`. *local* is what it costs in the same fleet when it is sent to
the holder; *extra* follows.

| | local µs | to any µs | extra µs | a push that is handed over | beside a local one | with Redis's own |
|---|---|---|---|---|---|---|
${d.ways.map(wayRow).join('\n')}

Goals: at most 1.4 × between processes of one machine, at most 2.5 × between nodes.

What waits for one other process in a turn of the event loop is written at once, and over Redis what comes while a
publication is on its way goes with the next one. So the dearest push is one that is alone: *p50* above, at a thousand
pushes a second, shows what the way costs in time. Of *extra* between processes about a third is the kernel's, which wakes the
other process and back, and the rest spread over both ends; over Redis about half is what publishes and subscribes.
[Decisions](decisions.md) has where it was looked at, and what was not built.

Messages never leave the process that holds the socket: they cost ${times(d.messageRatio)} × as much on three nodes as on one.

## Calculated: one machine

C cores and C workers, each worker one core of its own, with nothing beside them:
\`C × 1,000,000 / (${one(d.workers.local)} + (C − 1)/C × ${one(d.workers.extra)})\` pushes a second, \`C × 1,000,000 / ${one(d.message)}\` messages.

| cores | pushes a second | messages a second | connections let in a second |
|---|---|---|---|
${CORES.map((cores) => `| ${cores} | ${rate(machinePushes(d, cores))} | ${rate((cores * 1e6) / d.message)} | ${d.supervisor === 0 ? '?' : rate(machineConnects(d, cores))} |`).join('\n')}

${supervisor(d)} With
\`--worker-spread kernel\` each worker accepts for itself, less evenly: a client that comes costs ${times(d.kernelRatio)} × what it costs one process.

Not in these figures: TLS, the backends, whatever else runs there, and that cores share caches and memory. Take half.

## Calculated: a fleet over Redis

N nodes of one core each: \`N × 1,000,000 / (${one(d.nodes.local)} + (N − 1)/N × ${one(d.nodes.extra)})\` pushes a second. A worker of a machine counts as
a node when the engine is Redis. Redis runs commands on one core, and each push that is handed over takes
${one(d.redis)} µs of it: with N nodes it is full at \`1,000,000 / ((N − 1)/N × ${one(d.redis)})\` pushes a second.

| nodes | pushes a second, by the nodes | by Redis |
|---|---|---|
${NODES.map((nodes) => `| ${nodes} | ${rate(fleetPushes(d, nodes))} | ${nodes === 1 ? 'no limit' : rate(redisLimit(d, nodes))} |`).join('\n')}

${limitSentence(d)} A cluster spreads the nodes' channels over its servers, which moves that limit by their number. Connections that must
be remembered for their \`$disconnect\` and counted limits are further commands of Redis; they are not in these figures.

## Calculated: memory

${memory(bytesPerSocket)}

## What is not measured

Machines of more than ${machine.cores} cores, real networks between nodes and Redis (each publication waits for a round trip),
clusters of Redis under load, and TLS.
`;
}

/**
 * @param {string} work
 * @param {readonly Row[]} rows
 */
function measured(work, rows) {
  const own = rows.filter((row) => row.work === work);
  const hasBeside = own.some(({ besideMicros }) => besideMicros !== null);
  const lines = own.map(({ shape, cpuMicros, besideMicros, p50 }) => {
    const redis = besideMicros === null ? '' : spread(besideMicros, 1);
    const cells = [shape, spread(cpuMicros, 1), ...(hasBeside ? [redis] : []), spread(p50, 0)];
    return `| ${cells.join(' | ')} |`;
  });
  const heads = ['CPU µs', ...(hasBeside ? ['Redis µs; supervisor µs'] : []), 'p50 µs at 1,000/s'];
  return `| ${[work, ...heads].join(' | ')} |
|---|${heads.map(() => '---|').join('')}
${lines.join('\n')}`;
}

/** @param {import('./arithmetic.mjs').Way} way */
function wayRow({ shape, local, any, extra, redis }) {
  const handed = local + extra;
  const cells = [local, any, extra].map((micros) => micros.toFixed(1));
  const ratios = [handed / local, ...(redis === 0 ? [] : [(handed + redis) / local])];
  const [own = '', withRedis = ''] = ratios.map((ratio) => `${ratio.toFixed(2)} ×`);
  return `| ${[shape, ...cells, `${handed.toFixed(1)} µs`, own, withRedis].join(' | ')} |`;
}

/** @param {import('./arithmetic.mjs').Derived} derived */
function supervisor({ connect, connectRatio, supervisor: own }) {
  const beginning = `Every client that comes is accepted by the supervisor and handed to a worker: with two workers it costs ${connectRatio.toFixed(2)} × what it
costs one process`;
  if (own === 0) {
    return `${beginning}. What of that is the supervisor's, which is one process and so a limit, was not measured in this run.`;
  }
  return `${beginning}, ${connect.toFixed(1)} µs of a worker and ${own.toFixed(1)} µs of the supervisor. The supervisor is one process, so at
${rate(1e6 / own)} clients a second it is the limit, with any number of workers. It does nothing once a client is in.`;
}

/** @param {import('./arithmetic.mjs').Derived} derived */
function limitSentence(derived) {
  const nodes = NODES.find(
    (count) => count > 1 && fleetPushes(derived, count) > redisLimit(derived, count),
  );
  return nodes === undefined
    ? `One Redis serves ${NODES.at(-1)} nodes that do nothing but push.`
    : `At ${nodes} nodes that do nothing but push, one Redis is the limit.`;
}

/** @param {number | null} bytes */
function memory(bytes) {
  if (bytes === null) return 'Not measured in this run.';
  const rows = CONNECTIONS.map(
    (count) => `| ${count.toLocaleString('en')} | ${((count * bytes) / 1e9).toFixed(2)} GB |`,
  );
  return `Resident memory of an idle connection, of 10,000 of them: ${bytes.toFixed(0)} bytes. It is the same in every process, so:

| connections | of all processes together |
|---|---|
${rows.join('\n')}

To that each process adds its own (\`start\` in the [benchmarks](benchmarks.md)), the kernel what it keeps for a socket, and what waits
for clients that read slowly their queues, which have limits.`;
}

/** Two digits count. @param {number} perSecond */
function rate(perSecond) {
  return Number(perSecond.toPrecision(2)).toLocaleString('en');
}
