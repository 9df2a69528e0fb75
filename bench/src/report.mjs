/**
 * The results as text: figures down, scenarios (or checkouts, when two are compared) across.
 */

/** @typedef {import('./results.mjs').Results} Results */
/** @typedef {import('./results.mjs').ScenarioResult} ScenarioResult */
/** @typedef {import('./measure/percentiles.mjs').Spread} Spread */

const RATIO = 'this ÷ compare';
/** Below this share of a core the gateway was waiting, for the load or for the machine. */
const SATURATED_CORES_MIN = 0.8;
/** Above this share, the load generator itself was held up too often for a 99th percentile. */
const STALLED_SHARE_MAX = 0.01;
/** Above this, waiting for the host's other guests dominates the tail of the latencies. */
const STOLEN_CORES_MAX = 0.05;

/**
 * @param {Results} results
 * @returns {string}
 */
export function formatReport(results) {
  const measured = results.scenarios.filter(isMeasured);
  const compared = new Set(results.comparisons.map(({ scenario }) => scenario));
  const others = measured.filter(({ scenario }) => !compared.has(scenario));
  const tables = [
    ...results.comparisons.map((comparison) => formatComparison(results, comparison)),
    ...(others.length === 0 ? [] : formatScenarios(others)),
  ];
  const names = [...new Set(results.footprints.map(({ scenario }) => scenario))];
  tables.push(...names.map((name) => formatFootprint(name, results)));
  return [formatHead(results), ...tables, ...formatNotes(results)].join('\n\n');
}

/** @param {Results} results */
function formatHead({ node, machine, settings, checkouts, subjects, scenarios }) {
  const versions = new Map(subjects.map(({ label, version }) => [label, version]));
  const revisions = checkouts
    .map(({ label, revision }) => `${label} ${revision} (${versions.get(label)})`)
    .join(', ');
  const titles = scenarios
    .filter(({ checkout }) => checkout === 'this')
    .map(({ scenario, title, window }) => {
      const width = `${window.lanes} connections × ${window.depth} in flight`;
      return `  ${scenario.padEnd(14)} ${title}; ${width}`;
    });
  const pushed = scenarios.filter(
    ({ checkout, requestHeaders }) => checkout === 'this' && requestHeaders.length > 0,
  );
  return [
    `Node ${node}, ${machine.cores} cores (${machine.cpu}), ${machine.platform}`,
    `Checkout: ${revisions}. Loopback, no TLS, ${settings.payloadBytes} B payload, ` +
      `${settings.sockets} sockets; median (min–max) of ${settings.rounds} rounds of ` +
      `${settings.seconds} s; ${settings.priority}.`,
    ...titles,
    ...pushed.map(
      ({ scenario, requestHeaders }) => `Headers of ${scenario}: ${requestHeaders.join(', ')}`,
    ),
  ].join('\n');
}

/** @typedef {ScenarioResult & { summary: import('./results.mjs').Summary }} Measured */

/**
 * @param {ScenarioResult} result
 * @returns {result is Measured}
 */
function isMeasured(result) {
  return result.summary !== null;
}

/**
 * Of one checkout a table with a column for each scenario; of several, one for each scenario.
 *
 * @param {readonly Measured[]} scenarios
 */
function formatScenarios(scenarios) {
  const names = [...new Set(scenarios.map(({ scenario }) => scenario))];
  if (names.length === scenarios.length) {
    const heads = scenarios.map(({ scenario, checkout }) =>
      checkout === 'this' ? scenario : `${scenario} (${checkout})`,
    );
    return [formatTable([['', ...heads], ...figuresOf(scenarios)])];
  }
  return names.map((name) => {
    const columns = scenarios.filter(({ scenario }) => scenario === name);
    const heads = [name, ...columns.map(({ checkout }) => checkout)];
    return formatTable([heads, ...figuresOf(columns)]);
  });
}

/**
 * @param {string} name
 * @param {Results} results
 */
function formatFootprint(name, { footprints, footprintComparisons }) {
  const columns = footprints.filter(
    ({ scenario, rounds }) => scenario === name && rounds.length > 0,
  );
  const ratios = footprintComparisons.find(({ scenario }) => scenario === name)?.ratios;
  const figures = new Set(columns.flatMap(({ summary }) => Object.keys(summary)));
  const rows = [...figures].map((figure) => [
    figure,
    ...columns.map(({ summary }) => (summary[figure] ? formatSpread(summary[figure], 1) : '')),
    ...(ratios?.[figure] === undefined ? [] : [formatSpread(ratios[figure], 3)]),
  ]);
  const errors = ['errors', ...columns.map((column) => String(column.errors))];
  const heads = [...columns.map(({ checkout }) => checkout), ...(ratios ? [RATIO] : [])];
  return formatTable([[name, ...heads], ...rows, errors]);
}

/**
 * @param {Results} results
 * @param {import('./results.mjs').Comparison} comparison
 */
function formatComparison({ scenarios }, comparison) {
  const pair = ['this', 'compare'].flatMap((label) =>
    scenarios
      .filter(isMeasured)
      .filter((one) => one.scenario === comparison.scenario && one.checkout === label),
  );
  /** @type {Record<string, Spread>} */
  const ratios = {
    'CPU µs per operation': comparison.cpuMicrosPerOperation,
    'operations per second': comparison.operationsPerSecond,
    'latency p50 µs': comparison.latencyP50,
    'latency p99 µs': comparison.latencyP99,
  };
  const rows = figuresOf(pair).map((row) => {
    const ratio = ratios[row[0] ?? ''];
    return [...row, ratio === undefined ? '' : formatSpread(ratio, 3)];
  });
  return formatTable([[comparison.scenario, 'this', 'compare', RATIO], ...rows]);
}

/** @param {readonly Measured[]} columns */
function figuresOf(columns) {
  /**
   * @param {string} name
   * @param {(summary: import('./results.mjs').Summary) => Spread} figure
   * @param {number} digits
   */
  const row = (name, figure, digits) => [
    name,
    ...columns.map(({ summary }) => formatSpread(figure(summary), digits)),
  ];
  return [
    ['operations', ...columns.map(({ summary }) => String(summary.operations))],
    row('CPU µs per operation', (summary) => summary.cpuMicrosPerOperation, 1),
    row('operations per second', (summary) => summary.operationsPerSecond, 0),
    row('latency at rate /s', (summary) => summary.latencyRatePerSecond, 0),
    row('latency p50 µs', (summary) => summary.latencyMicros.p50, 0),
    row('latency p90 µs', (summary) => summary.latencyMicros.p90, 0),
    row('latency p99 µs', (summary) => summary.latencyMicros.p99, 0),
    row('latency max µs', (summary) => summary.latencyMicros.max, 0),
    ...halfRows(columns),
    row('cores busy: gateway', (summary) => summary.coresBusy.gateway, 2),
    row('cores busy: load', (summary) => summary.coresBusy.load, 2),
    row('cores busy: backend', (summary) => summary.coresBusy.backend, 2),
    row('cores taken by host', (summary) => summary.coresBusy.stolen, 2),
    ['errors', ...columns.map(({ errors }) => String(errors))],
  ];
}

/**
 * Of those that were paced a second time, at half of what the gateway reached.
 *
 * @param {readonly Measured[]} columns
 */
function halfRows(columns) {
  if (columns.every(({ summary }) => summary.latencyAtHalf === null)) return [];
  return /** @type {const} */ (['ratePerSecond', 'p50', 'p99']).map((name) => [
    name === 'ratePerSecond' ? 'at half of this’s /s' : `  latency ${name} µs`,
    ...columns.map(({ summary: { latencyAtHalf: half } }) =>
      half === null ? '' : formatSpread(half[name], 0),
    ),
  ]);
}

/**
 * What a reader must know before believing the table.
 *
 * @param {Results} results
 */
function formatNotes({ scenarios, footprints, machine }) {
  const notes = [];
  if (machine.loadAverageBefore > 0.5) {
    notes.push(
      `The machine was busy before the run (load ${machine.loadAverageBefore.toFixed(2)}): ` +
        'compare only figures of this same run.',
    );
  }
  for (const { scenario, checkout, failure } of [...scenarios, ...footprints]) {
    if (failure !== null) notes.push(`${scenario} (${checkout}): FAILED: ${failure}`);
  }
  for (const { scenario, checkout, summary } of scenarios.filter(isMeasured)) {
    const name = `${scenario} (${checkout})`;
    const busy = summary.coresBusy.gateway.median;
    if (busy < SATURATED_CORES_MIN) {
      notes.push(
        `${name}: the gateway used ${busy.toFixed(2)} of a core, so it was not saturated: ` +
          'throughput is the load’s or the machine’s limit, CPU per operation still holds.',
      );
    }
    const stolen = summary.coresBusy.stolen.median;
    if (stolen > STOLEN_CORES_MAX) {
      notes.push(
        `${name}: the machine’s host took ${stolen.toFixed(2)} of a core away: throughput and ` +
          'high percentiles are the host’s, not the gateway’s.',
      );
    }
    const stalled = summary.stalledShare.median;
    if (stalled > STALLED_SHARE_MAX) {
      notes.push(
        `${name}: the load generator itself was held up for ${(stalled * 100).toFixed(1)} % of its ` +
          'paced windows: high percentiles are the machine’s, not the gateway’s.',
      );
    }
  }
  for (const { scenario, checkout, faults } of [...scenarios, ...footprints]) {
    for (const { count, kind, sample } of faults) {
      notes.push(`${scenario} (${checkout}): ERROR ${count} × ${kind}: ${sample}`);
    }
  }
  return notes.length === 0 ? [] : [notes.join('\n')];
}

/**
 * @param {Spread} spread
 * @param {number} digits
 */
function formatSpread({ median, min, max }, digits) {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** @param {readonly (readonly string[])[]} rows the first is the heading */
function formatTable(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join('  '),
    )
    .join('\n');
}
