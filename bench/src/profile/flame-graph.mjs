import { areaOf, nameOf, selfMicros } from './summary.mjs';

/**
 * A CPU profile as a picture: each function as wide as its share of the busy time, its own and what it called,
 * below whoever called it. One SVG that needs nothing else: names are on hovering, hues say whose code it is.
 */

const WIDTH = 1200;
const ROW = 17;
const HEAD = 44;
const CHAR = 6.7;
/** Below this share a function is no wider than its border. */
const SHARE_MIN = 0.001;
const SHORT_MIN = 3;

/** By the first word of an area: class, words of the legend. */
const HUES = /** @type {const} */ ({
  own: ['o', 'Postern'],
  package: ['p', 'packages'],
  'Node.js': ['j', 'Node.js, JavaScript'],
  native: ['n', 'Node.js, V8 and the kernel, native'],
  GC: ['g', 'garbage collection'],
  other: ['x', 'other'],
});

const STYLE = `
svg { background: #fff; font: 11px ui-monospace, monospace; }
text { fill: #1b1b1b; pointer-events: none; }
rect { stroke: #fff; stroke-width: .5; }
.o rect { fill: #f2a65a; } .p rect { fill: #9cc98f; } .j rect { fill: #8db8e8; }
.n rect { fill: #c9c9cf; } .g rect { fill: #e58a8a; } .x rect { fill: #d8c9e8; }
g:hover > rect { stroke: #000; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
  svg { background: #16181d; }
  text { fill: #f2f2f2; }
  rect { stroke: #16181d; }
  .o rect { fill: #9c5a12; } .p rect { fill: #3f6e35; } .j rect { fill: #2d5f97; }
  .n rect { fill: #55565e; } .g rect { fill: #9b3838; } .x rect { fill: #66528a; }
  g:hover > rect { stroke: #fff; }
}
`;

/**
 * @typedef {object} Flame
 * @property {string} name
 * @property {string} hue class of its rectangle
 * @property {number} self microseconds
 * @property {number} total microseconds, with all it called
 * @property {Flame[]} callees widest first
 */

/**
 * @param {import('./summary.mjs').Profile} profile
 * @param {string} title
 * @returns {string} SVG
 */
export function flameGraph(profile, title) {
  const root = flamesOf(profile);
  const depth = depthOf(root, root.total * SHARE_MIN);
  const height = HEAD + depth * ROW + 4;
  const words = `${title}: ${(root.total / 1e6).toFixed(2)} s busy, of which each width is a share`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<text x="4" y="15">${escaped(words)}</text>
${legend()}
${drawn(root, 0, 0, root.total).join('\n')}
</svg>
`;
}

/**
 * The calls of a profile's busy time. What a function called from one place is one, whatever V8 made of it.
 *
 * @param {import('./summary.mjs').Profile} profile
 * @returns {Flame}
 */
export function flamesOf(profile) {
  const micros = selfMicros(profile);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  /**
   * @param {readonly import('./summary.mjs').ProfileNode[]} nodes of one name, called from one place
   * @returns {Flame}
   */
  const flameOf = (nodes) => {
    /** @type {Map<string, import('./summary.mjs').ProfileNode[]>} */
    const byName = new Map();
    for (const child of nodes.flatMap(({ children = [] }) => children)) {
      const node = byId.get(child);
      if (node === undefined || areaOf(node.callFrame) === 'idle') continue;
      const name = nameOf(node.callFrame);
      byName.set(name, [...(byName.get(name) ?? []), node]);
    }
    const callees = [...byName.values()].map(flameOf).sort((a, b) => b.total - a.total);
    const self = nodes.reduce((sum, { id }) => sum + (micros.get(id) ?? 0), 0);
    const { callFrame } = nodes[0] ?? { callFrame: { functionName: '', url: '', lineNumber: 0 } };
    return {
      name: nameOf(callFrame),
      hue: hueOf(areaOf(callFrame)),
      self,
      total: callees.reduce((sum, { total }) => sum + total, self),
      callees,
    };
  };
  return flameOf(profile.nodes.slice(0, 1));
}

/** @param {string} area */
function hueOf(area) {
  const [word = ''] = area.split(' ');
  return (HUES[/** @type {keyof typeof HUES} */ (word)] ?? HUES.other)[0];
}

/**
 * @param {Flame} flame
 * @param {number} x in microseconds from the left
 * @param {number} row
 * @param {number} whole microseconds of the picture
 * @returns {string[]}
 */
function drawn({ name, hue, self, total, callees }, x, row, whole) {
  if (total < whole * SHARE_MIN) return [];
  const [left, width] = [pixels(x, whole), pixels(total, whole)];
  const top = HEAD + row * ROW;
  const room = Math.floor((Number(width) - 4) / CHAR);
  const text =
    room < SHORT_MIN
      ? ''
      : `<text x="${(Number(left) + 3).toFixed(1)}" y="${top + 12}">${escaped(shortened(name, room))}</text>`;
  const title = `${name}: ${percent(total, whole)}, ${percent(self, whole)} its own`;
  const lines = [
    `<g class="${hue}"><title>${escaped(title)}</title>` +
      `<rect x="${left}" y="${top}" width="${width}" height="${ROW - 1}"/>${text}</g>`,
  ];
  let from = x;
  for (const callee of callees) {
    lines.push(...drawn(callee, from, row + 1, whole));
    from += callee.total;
  }
  return lines;
}

/**
 * @param {Flame} flame
 * @param {number} least microseconds
 * @returns {number}
 */
function depthOf({ total, callees }, least) {
  if (total < least) return 0;
  return 1 + Math.max(0, ...callees.map((callee) => depthOf(callee, least)));
}

function legend() {
  let x = 4;
  return Object.values(HUES)
    .map(([hue, words]) => {
      const item = `<g class="${hue}"><rect x="${x}" y="23" width="12" height="12"/><text x="${x + 17}" y="33">${words}</text></g>`;
      x += 40 + words.length * CHAR;
      return item;
    })
    .join('\n');
}

/** @param {number} micros @param {number} whole */
function pixels(micros, whole) {
  return ((micros / whole) * WIDTH).toFixed(1);
}

/** @param {number} micros @param {number} whole */
function percent(micros, whole) {
  return `${((micros / whole) * 100).toFixed(1)} %`;
}

/** @param {string} name @param {number} room */
function shortened(name, room) {
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
