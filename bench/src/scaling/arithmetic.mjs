/** What follows from the measured rows, by nothing but arithmetic. Everything is CPU microseconds. */

/** @typedef {import('./measure.mjs').Row} Row */

/**
 * @typedef {object} Way of a push from the process that was asked to the one that holds the connection
 * @property {string} shape
 * @property {number} local sent to the holder
 * @property {number} any sent to all in turn
 * @property {number} extra of one that is handed over
 * @property {number} redis of Redis, for one that is handed over; 0 without one
 */

/**
 * @typedef {object} Derived
 * @property {readonly Way[]} ways
 * @property {Way} workers between processes of one machine
 * @property {Way} nodes over Redis: the dearer of two and three nodes
 * @property {number} redis of Redis, for a push that is handed over
 * @property {number} message of one process alone
 * @property {number} messageRatio three nodes beside one
 * @property {number} connect of a worker, of two
 * @property {number} supervisor of theirs, for a client that comes
 * @property {number} connectRatio beside one process
 * @property {number} kernelRatio the same, where workers accept for themselves
 */

/**
 * @param {readonly Row[]} rows of all works
 * @returns {Derived}
 */
export function derive(rows) {
  /** @param {string} work @param {string} shape */
  const find = (work, shape) => {
    const row = rows.find((one) => one.work === work && one.shape === shape);
    return row ?? missing(work, shape);
  };
  /** @param {string} work @param {string} shape */
  const cpu = (work, shape) => find(work, shape).cpuMicros.median;
  const supervisor = find('connect', '2 workers').besideMicros?.median ?? 0;
  const ways = findWays(rows);
  /** @param {string} shape */
  const way = (shape) => ways.find((one) => one.shape === shape) ?? missing('pushes', shape);
  const [workers, two, three] = [way('2 processes'), way('2 nodes'), way('3 nodes')];
  return {
    ways,
    workers,
    nodes: two.extra > three.extra ? two : three,
    redis: three.redis,
    message: cpu('message', 'alone'),
    messageRatio: cpu('message', '3 nodes') / cpu('message', '1 node'),
    connect: cpu('connect', '2 workers') - supervisor,
    supervisor,
    connectRatio: cpu('connect', '2 workers') / cpu('connect', 'alone'),
    kernelRatio: cpu('connect', '2 workers, kernel') / cpu('connect', 'alone'),
  };
}

/**
 * What handing over costs, of each fleet whose pushes were measured both ways.
 *
 * @param {readonly Row[]} rows
 * @returns {Way[]}
 */
export function findWays(rows) {
  return PROCESSES.flatMap(([shape, processes]) => {
    /** @param {string} work */
    const find = (work) => rows.find((one) => one.work === work && one.shape === shape);
    const [toHolder, toAny] = [find('push to the holder'), find('push to any')];
    if (toHolder === undefined || toAny === undefined) return [];
    const [local, any] = [toHolder.cpuMicros.median, toAny.cpuMicros.median];
    const perHandedOver = processes / (processes - 1);
    const redis = (toAny.besideMicros?.median ?? 0) * perHandedOver;
    return [{ shape, local, any, extra: (any - local) * perHandedOver, redis }];
  });
}

/** @type {readonly (readonly [string, number])[]} */
const PROCESSES = [
  ['2 processes', 2],
  ['2 nodes', 2],
  ['3 nodes', 3],
];

/**
 * @param {string} work
 * @param {string} shape
 * @returns {never}
 */
function missing(work, shape) {
  throw new Error(`no figure of ${work}, ${shape}`);
}

/**
 * Pushes a second of so many workers, of a core each.
 *
 * @param {Derived} derived
 * @param {number} cores
 */
export function machinePushes({ workers }, cores) {
  return pushes(workers, cores);
}

/**
 * Clients let in a second, by workers of a core each, and at most as many as their supervisor hands on.
 *
 * @param {Derived} derived
 * @param {number} cores
 */
export function machineConnects({ connect, supervisor }, cores) {
  return Math.min((cores * 1e6) / connect, 1e6 / supervisor);
}

/**
 * Pushes a second of so many nodes, of a core each.
 *
 * @param {Derived} derived
 * @param {number} nodes
 */
export function fleetPushes(derived, nodes) {
  return pushes(derived.nodes, nodes);
}

/**
 * Pushes a second to so many nodes at which Redis has no time left.
 *
 * @param {Derived} derived
 * @param {number} nodes
 */
export function redisLimit({ redis }, nodes) {
  return 1e6 / (((nodes - 1) / nodes) * redis);
}

/** @param {Way} way @param {number} processes */
function pushes({ local, extra }, processes) {
  return (processes * 1e6) / (local + ((processes - 1) / processes) * extra);
}
