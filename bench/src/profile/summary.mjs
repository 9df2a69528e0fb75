/**
 * What a CPU profile says, as text: where the time went by area, and which functions took most of it;
 * and as folded stacks, which every flame graph tool reads.
 */

const FUNCTIONS_SHOWN = 25;
const OWN = /\/packages\/gateway\/(?:dist|src)\/(?:([^/]+)\/)?/;
const PACKAGE = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
/** Names that V8 gives to what is no function. */
const SPECIAL = new Map([
  ['(garbage collector)', 'GC'],
  ['(idle)', 'idle'],
  ['(program)', 'native'],
]);

/**
 * @typedef {object} Profile as `node --cpu-prof` writes it
 * @property {readonly ProfileNode[]} nodes
 * @property {readonly number[]} samples ids of nodes
 * @property {readonly number[]} timeDeltas microseconds before each sample
 */

/**
 * @typedef {object} ProfileNode
 * @property {number} id
 * @property {{ functionName: string, url: string, lineNumber: number }} callFrame
 * @property {readonly number[]} [children]
 */

/**
 * @param {Profile} profile
 * @returns {string}
 */
export function summarize(profile) {
  const micros = selfMicros(profile);
  /** @type {Map<string, number>} */
  const areas = new Map();
  /** @type {Map<string, number>} */
  const functions = new Map();
  let busy = 0;
  let idle = 0;
  for (const { id, callFrame } of profile.nodes) {
    const self = micros.get(id) ?? 0;
    const area = areaOf(callFrame);
    if (area === 'idle') {
      idle += self;
      continue;
    }
    busy += self;
    areas.set(area, (areas.get(area) ?? 0) + self);
    const name = nameOf(callFrame);
    functions.set(name, (functions.get(name) ?? 0) + self);
  }
  /** @param {Map<string, number>} shares @param {number} [most] */
  const table = (shares, most) =>
    [...shares]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, self]) => `${((self / busy) * 100).toFixed(1).padStart(5)} %  ${name}`)
      .join('\n');
  return `${(busy / 1e6).toFixed(2)} s busy, ${(idle / 1e6).toFixed(2)} s idle. Shares of the busy time, each function's own.

By area
${table(areas)}

By function
${table(functions, FUNCTIONS_SHOWN)}
`;
}

/**
 * One line for each stack: its functions from the first, and the microseconds spent in the last.
 *
 * @param {Profile} profile
 * @returns {string}
 */
export function foldStacks(profile) {
  const micros = selfMicros(profile);
  /** @type {Map<number, ProfileNode>} */
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  /** @type {string[]} */
  const lines = [];
  /** @param {ProfileNode} node @param {string} above */
  const walk = (node, above) => {
    const name = nameOf(node.callFrame).replaceAll(';', ',');
    const stack = above === '' ? name : `${above};${name}`;
    const self = micros.get(node.id) ?? 0;
    if (self > 0) lines.push(`${stack} ${Math.round(self)}`);
    for (const child of node.children ?? []) {
      const found = byId.get(child);
      if (found !== undefined) walk(found, stack);
    }
  };
  const [root] = profile.nodes;
  if (root !== undefined) walk(root, '');
  return `${lines.join('\n')}\n`;
}

/**
 * @param {Profile} profile
 * @returns {Map<number, number>} by node
 */
export function selfMicros({ samples, timeDeltas }) {
  /** @type {Map<number, number>} */
  const micros = new Map();
  for (const [index, id] of samples.entries()) {
    // A sample's function ran until the next one.
    micros.set(id, (micros.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0));
  }
  return micros;
}

/**
 * Own code by folder, packages by name, Node.js's own JavaScript, and what is below it.
 *
 * @param {ProfileNode['callFrame']} frame
 * @returns {string}
 */
export function areaOf({ functionName, url }) {
  const special = SPECIAL.get(functionName);
  if (special !== undefined) return special;
  const [, name] = PACKAGE.exec(url) ?? [];
  if (name !== undefined) return `package ${name}`;
  const own = OWN.exec(url);
  if (own !== null) return `own ${own[1] ?? '(top)'}/`;
  if (url.startsWith('node:')) return 'Node.js';
  return url === '' ? 'native' : 'other';
}

/** @param {ProfileNode['callFrame']} frame */
export function nameOf({ functionName, url, lineNumber }) {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const [, own] = /\/packages\/gateway\/(?:dist|src)\/(.+)$/.exec(url) ?? [];
  const [, inPackage] = /\/node_modules\/(.+)$/.exec(url) ?? [];
  return `${name} ${inPackage ?? own ?? url}:${lineNumber + 1}`;
}
