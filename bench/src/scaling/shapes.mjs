/** The fleets that are measured, and what is done to them. */

/** @type {readonly (import('./fleet.mjs').Shape & { inFull: string })[]} */
export const SHAPES = Object.freeze([
  {
    label: 'alone',
    inFull: 'one process, embedded engine',
    ...{ workers: 1, nodes: 1, engine: 'embedded' },
  },
  {
    label: '2 workers',
    inFull: 'two workers of one supervisor (`--workers 2`), embedded engine',
    ...{ workers: 2, nodes: 1, engine: 'embedded' },
  },
  {
    label: '2 workers, kernel',
    inFull: 'the same with `--worker-spread kernel`: each accepts for itself',
    ...{ workers: 2, nodes: 1, engine: 'embedded', spread: 'kernel' },
  },
  {
    label: '2 processes',
    inFull:
      'two processes with a port each over one data folder: workers whose holder can be chosen',
    ...{ workers: 1, nodes: 2, engine: 'embedded' },
  },
  {
    label: '1 node',
    inFull: 'one node over Redis',
    ...{ workers: 1, nodes: 1, engine: 'redis' },
  },
  {
    label: '2 nodes',
    inFull: 'two nodes over Redis',
    ...{ workers: 1, nodes: 2, engine: 'redis' },
  },
  {
    label: '3 nodes',
    inFull: 'three nodes over Redis',
    ...{ workers: 1, nodes: 3, engine: 'redis' },
  },
]);

/**
 * @typedef {object} Work
 * @property {string} name
 * @property {string} scenario of the bench
 * @property {boolean} toHolder whether pushes go to the node that holds the connection
 * @property {readonly string[]} shapes by label
 */

/** Who accepted a connection makes no difference to what it carries. */
const EVERY = SHAPES.filter(({ spread }) => spread === undefined).map(({ label }) => label);

/** @type {readonly Work[]} */
export const WORKS = Object.freeze([
  { name: 'push to any', scenario: 'push', toHolder: false, shapes: EVERY },
  {
    name: 'push to the holder',
    scenario: 'push',
    toHolder: true,
    shapes: ['2 processes', '2 nodes', '3 nodes'],
  },
  { name: 'message', scenario: 'message', toHolder: false, shapes: EVERY },
  {
    name: 'connect',
    scenario: 'connect',
    toHolder: false,
    shapes: ['alone', '2 workers', '2 workers, kernel'],
  },
]);

/**
 * A part of what can be measured: works by their name or that of their scenario, and fleets. Without names, all.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} shapes
 * @returns {readonly Work[]}
 */
export function chooseWorks(names, shapes) {
  const known = new Set(WORKS.flatMap(({ scenario, name }) => [scenario, name]));
  refuseUnknown('--only', names, [...known]);
  refuseUnknown(
    '--shape',
    shapes,
    SHAPES.map(({ label }) => label),
  );
  if (names.length === 0 && shapes.length === 0) return WORKS;
  const works = WORKS.filter(
    ({ scenario, name }) => names.length === 0 || names.includes(scenario) || names.includes(name),
  ).map((work) => ({
    ...work,
    shapes: work.shapes.filter((label) => shapes.length === 0 || shapes.includes(label)),
  }));
  const some = works.filter((work) => work.shapes.length > 0);
  if (some.length === 0) throw new Error(`--shape: nothing of "${names}" is measured there`);
  return some;
}

/**
 * @param {string} option
 * @param {readonly string[]} names
 * @param {readonly string[]} known
 */
function refuseUnknown(option, names, known) {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Error(`${option}: "${unknown}" is none of ${known.join(', ')}`);
}
