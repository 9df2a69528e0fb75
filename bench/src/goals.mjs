/**
 * What the gateway is meant to reach, all it does in service switched on: signatures, policies, limits, log and
 * metrics. Each is judged by the medians of one run, and mostly beside others, because a multiple travels better
 * than a microsecond.
 */

/** @typedef {import('./results.mjs').Results} Results */

/**
 * @typedef {object} Goal
 * @property {string} scenario
 * @property {string} what is measured, with its unit
 * @property {'at most' | 'at least' | 'under'} bound
 * @property {number} limit
 * @property {string} why this much
 * @property {number} [digits] of what was measured; one when left out
 * @property {(run: Run) => number | undefined} figure undefined where it was not measured
 * @property {string} [than] another row without which there is no figure
 * @property {(run: Run) => string} [beside] what else a reader should know to judge it
 */

/**
 * @typedef {object} Run one row of the gateway in one scenario, and the others beside it
 * @property {import('./results.mjs').Summary | undefined} own
 * @property {import('./results.mjs').Summary | undefined} floor
 * @property {Record<string, { median: number }>} held figures by name, of a scenario in which nothing travels
 * @property {(label: string) => Record<string, { median: number }>} heldBy those of another row
 * @property {(label: string) => number | undefined} timesOwn another's CPU time, in what the gateway takes
 * @property {(label: string) => number | undefined} multipleOf the gateway's CPU time, in what another takes
 */

export const FLOOR = 'C floor';
const NCHAN = 'nginx + nchan';
const PUSHPIN = 'Pushpin';
const OFFLINE = 'serverless-offline';

/** What figures of a fan-out are called: those of all, and those of the gateway. */
export const FRAME = 'CPU µs per frame';
export const LATE = 'ms the loop was late, p99';
export const LATE_WITH_WAITS = 'ms, p99 with waits for a core';
export const WAITS_PERCENT = '% of it with such a wait';
const SOCKET = 'bytes resident per socket';

/**
 * @param {string} label
 * @param {number} limit
 * @param {string} why
 * @returns {Omit<Goal, 'scenario'>}
 */
const atMostTimes = (label, limit, why) => ({
  what: `CPU time, in what ${label} takes`,
  bound: 'at most',
  limit,
  why,
  digits: 2,
  than: label,
  figure: ({ multipleOf }) => multipleOf(label),
});

/**
 * @param {string} label
 * @param {number} limit
 * @param {string} why
 * @returns {Omit<Goal, 'scenario'>}
 */
const atLeastCheaper = (label, limit, why) => ({
  what: `CPU time of ${label}, in what Postern takes`,
  bound: 'at least',
  limit,
  why,
  digits: 2,
  than: label,
  figure: ({ timesOwn }) => timesOwn(label),
});

/**
 * @param {string} name of a figure
 * @param {string} what
 * @param {number} limit
 * @param {string} why
 * @param {number} [unit] what it is divided by
 * @returns {Omit<Goal, 'scenario'>}
 */
const held = (name, what, limit, why, unit = 1) => ({
  what,
  bound: 'under',
  limit,
  why,
  figure({ held: figures }) {
    const figure = figures[name]?.median;
    return figure === undefined ? undefined : figure / unit;
  },
});

/** A kilobyte, as the goals have it. */
const KB = 1000;

/** Less than that moves no 99th percentile. */
const TOUCHED_SHARE_MIN = 0.001;

/** @param {number} p99 @param {number} share */
const withoutTouched = (p99, share) =>
  `${p99.toFixed(1)} without the ${(share * 100).toFixed(1)} % that the load generator’s own stalls touched`;

/**
 * At half of what the gateway reached, which is the rate of all where it is the slowest; in milliseconds.
 *
 * @param {import('./results.mjs').Summary | undefined} summary
 */
function halfOf(summary) {
  if (summary === undefined) return undefined;
  const { p99 } = summary.latencyAtHalf ?? summary.latencyMicros;
  const { untouched } = summary.latencyAtHalf ?? summary;
  const apart = untouched.p99 === null ? null : untouched.p99.median / 1e3;
  return { p99: p99.median / 1e3, untouched: { p99: apart, share: untouched.touchedShare.median } };
}

const KERNEL =
  'most of either is the kernel’s work on two sockets, and that share is nobody’s to save';
const BACKEND = 'a message is two writes and two reads of the kernel, more than a push';

/** @type {readonly Goal[]} */
export const GOALS = Object.freeze([
  { scenario: 'push', ...atMostTimes(FLOOR, 3, KERNEL) },
  {
    scenario: 'push',
    ...atMostTimes(NCHAN, 1.5, 'nchan checks no signature, and is a module in C'),
  },
  {
    scenario: 'push',
    ...atLeastCheaper(PUSHPIN, 6, 'a proxy of sockets for HTTP backends, as Postern is'),
  },
  {
    scenario: 'push',
    ...atLeastCheaper(OFFLINE, 5, 'the emulator that most run in AWS’s stead'),
  },
  {
    scenario: 'push',
    what: 'p99 at half of what it reaches, ms',
    bound: 'under',
    limit: 5,
    why: 'with that much room nobody should wait for anything but garbage being collected',
    figure: ({ own }) => halfOf(own)?.p99,
    beside({ own, floor }) {
      const { p99 = null, share = 0 } = halfOf(own)?.untouched ?? {};
      const floorP99 = halfOf(floor)?.p99;
      return [
        ...(floorP99 === undefined ? [] : [`the floor ${floorP99.toFixed(1)}`]),
        ...(p99 === null || share < TOUCHED_SHARE_MIN ? [] : [withoutTouched(p99, share)]),
      ].join('; ');
    },
  },
  ...['message', 'echo'].flatMap((scenario) => [
    { scenario, ...atMostTimes(FLOOR, 2.5, BACKEND) },
    {
      scenario,
      ...atLeastCheaper(OFFLINE, 3, 'which calls a function in its own process instead'),
    },
    { scenario, ...atLeastCheaper(PUSHPIN, 20, 'which asks a backend over HTTP as Postern does') },
  ]),
  {
    scenario: 'connect-backend',
    what: 'clients let in per second, by one process',
    bound: 'at least',
    limit: 3000,
    why: 'AWS lets in 500 a second per account and region',
    digits: 0,
    figure: ({ own }) => own?.operationsPerSecond.median,
  },
  {
    scenario: 'idle-50000',
    ...held(
      SOCKET,
      'resident memory per idle socket, KB',
      7,
      'what the package ws on node:http takes, without a gateway’s state',
      KB,
    ),
    bound: 'at most',
    beside({ heldBy }) {
      const bytes = heldBy(NCHAN)[SOCKET]?.median;
      return bytes === undefined ? `without ${NCHAN}` : `${NCHAN} ${(bytes / KB).toFixed(1)}`;
    },
  },
  {
    scenario: 'fan-out-10000',
    ...atMostTimes(NCHAN, 1, 'which is made for nothing else'),
  },
  {
    scenario: 'fan-out-10000',
    ...atMostTimes(
      FLOOR,
      1.4,
      'one send per socket is the kernel’s, and nearly all there is to do',
    ),
  },
  {
    scenario: 'fan-out-10000',
    ...held(
      LATE,
      'how late the event loop is meanwhile, p99, ms',
      20,
      'nobody else’s message may wait for a broadcast',
    ),
    beside({ held: figures }) {
      const share = figures[WAITS_PERCENT]?.median ?? 0;
      if (share === 0) return '';
      const p99 = figures[LATE_WITH_WAITS]?.median.toFixed(1);
      return `${p99} with the ${share.toFixed(0)} % in which other programs had its core`;
    },
  },
  {
    scenario: 'start',
    ...held(
      'ms to ready',
      'from nothing to ready, ms',
      300,
      'a restart is over before its clients have come back',
    ),
  },
  {
    scenario: 'start',
    ...held(
      'MB resident',
      'resident memory two seconds later, MB',
      70,
      'a server of Node.js 20 with nothing in it takes 49',
    ),
  },
]);

/**
 * @typedef {object} Judged
 * @property {Goal} goal
 * @property {number | null} measured null where the run has not what it takes
 * @property {boolean} isMet
 * @property {string} beside what else to know, or what was missing; may be empty
 */

/**
 * @param {Results} results
 * @param {string} label of a row of the gateway
 * @returns {Judged[]} in the order of the goals
 */
export function judge(results, label) {
  return GOALS.map((goal) => {
    const run = runOf(results, goal.scenario, label);
    const figure = goal.figure(run);
    if (figure === undefined) {
      return { goal, measured: null, isMet: false, beside: missing(results, goal, label) };
    }
    const beside = goal.beside?.(run) ?? '';
    return { goal, measured: figure, isMet: keeps(goal, figure), beside };
  });
}

/**
 * Why a goal cannot be judged.
 *
 * @param {Results} results
 * @param {Goal} goal
 * @param {string} label
 */
function missing({ scenarios, footprints }, { scenario: name, than }, label) {
  const rows = [...scenarios, ...footprints].filter(({ scenario }) => scenario === name);
  if (rows.length === 0) return `${name} was not run`;
  for (const one of than === undefined ? [label] : [label, than]) {
    const row = rows.find(({ checkout }) => checkout === one);
    if (row === undefined) return `no row of ${one}`;
    if (row.rounds.length === 0) return one === label ? 'it failed' : `${one} failed`;
  }
  return 'no round has the figure';
}

/** @param {Pick<Goal, 'bound' | 'limit'>} goal @param {number} measured */
function keeps({ bound, limit }, measured) {
  if (bound === 'at most') return measured <= limit;
  if (bound === 'at least') return measured >= limit;
  return measured < limit;
}

/**
 * @param {Results} results
 * @param {string} name
 * @param {string} label
 * @returns {Run}
 */
function runOf({ scenarios, footprints }, name, label) {
  /** @param {string} one */
  const summaryOf = (one) =>
    scenarios.find(({ scenario, checkout }) => scenario === name && checkout === one)?.summary;
  /** @param {string} one */
  const heldBy = (one) =>
    footprints.find(({ scenario, checkout }) => scenario === name && checkout === one)?.summary;
  /** @param {string} one */
  const cpuOf = (one) => (summaryOf(one)?.cpuMicrosPerOperation ?? heldBy(one)?.[FRAME])?.median;
  /** @param {string} above @param {string} below */
  const ratio = (above, below) => {
    const [one, other] = [cpuOf(above), cpuOf(below)];
    return one === undefined || other === undefined ? undefined : one / other;
  };
  return {
    own: summaryOf(label) ?? undefined,
    floor: summaryOf(FLOOR) ?? undefined,
    held: heldBy(label) ?? {},
    heldBy: (other) => heldBy(other) ?? {},
    timesOwn: (other) => ratio(other, label),
    multipleOf: (other) => ratio(label, other),
  };
}
