/** What follows from the measured rows, by nothing but arithmetic. Everything is CPU microseconds. */

/** @typedef {import('./measure.mjs').Row} Row */

/**
 * @typedef {object} Way of a push from the process that was asked to the one that holds the connection
 * @property {string} shape
 * @property {number} local sent to the holder
 * @property {number} any sent to all in turn
 * @property {number} extra of one that is handed over
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
    if (row === undefined) throw new Error(`no figure of ${work}, ${shape}`);
    return row;
  };
  /** @param {string} work @param {string} shape */
  const cpu = (work, shape) => find(work, shape).cpuMicros.median;
  /** @param {string} shape @param {number} processes @returns {Way} */
  const way = (shape, processes) => {
    const local = cpu('push to the holder', shape);
    const any = cpu('push to any', shape);
    return { shape, local, any, extra: ((any - local) * processes) / (processes - 1) };
  };
  const supervisor = find('connect', '2 workers').besideMicros?.median ?? 0;
  const [workers, two, three] = [way('2 processes', 2), way('2 nodes', 2), way('3 nodes', 3)];
  return {
    ways: [workers, two, three],
    workers,
    nodes: two.extra > three.extra ? two : three,
    redis: ((find('push to any', '3 nodes').besideMicros?.median ?? 0) * 3) / 2,
    message: cpu('message', 'alone'),
    messageRatio: cpu('message', '3 nodes') / cpu('message', '1 node'),
    connect: cpu('connect', '2 workers') - supervisor,
    supervisor,
    connectRatio: cpu('connect', '2 workers') / cpu('connect', 'alone'),
    kernelRatio: cpu('connect', '2 workers, kernel') / cpu('connect', 'alone'),
  };
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
