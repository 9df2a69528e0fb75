/**
 * docs/benchmarks.md: the gateway beside its peers, from one interleaved run. Written whole by
 * `npm run bench -- peers`; nobody edits it.
 */

/** @typedef {import('./results.mjs').Results} Results */
/** @typedef {import('./results.mjs').ScenarioResult} ScenarioResult */
/** @typedef {import('./measure/percentiles.mjs').Spread} Spread */

const FLOOR = 'C floor';
/** As in the report: above it a 99th percentile is not the server's. */
const STALLED_SHARE_MAX = 0.01;

/**
 * @param {Results} results
 * @returns {string}
 */
export function peersPage(results) {
  const { machine, settings, checkouts, subjects, startedAt } = results;
  const names = [...new Set(results.scenarios.map(({ scenario }) => scenario))];
  const revision = checkouts[0]?.revision ?? 'unknown';
  return `# Benchmarks

What one operation costs, beside other servers that do a part of the same, in interleaved rounds: A B C, C B A.
Written by \`npm run bench -- peers\`; [how it is measured, and how to read it](../bench/README.md).

The figure to compare is **CPU time per operation**, user and system, of all of a server's processes together, and of
that the multiple of the floor: microseconds are this machine's, multiples travel better.

- ${startedAt.slice(0, 10)}, revision \`${revision}\`; ${machine.platform}, ${machine.cores} cores (${machine.cpu}),
  load ${machine.loadAverageBefore.toFixed(2)} before the run
- loopback, no TLS, ${settings.payloadBytes} B payload, ${settings.sockets} sockets; median (lowest–highest) of
  ${settings.rounds} rounds of ${settings.seconds} s, after up to ${2 * settings.seconds} s of full load
- latencies from the moment an operation was due, at a fixed rate: *at the same rate*, half of what the slowest of
  the table reached, and *at Postern's half*, half of what Postern reached
- errors of Postern and the floor: ${results.errors}

| server | what it is | version |
|---|---|---|
${subjects.map(({ label, about, version }) => `| ${nameOf(label)} | ${about} | ${version} |`).join('\n')}

${summary(names, results)}

${[...names.map((name) => section(name, results)), ...still(results)].join('\n\n')}

## Every round

CPU µs per operation, operations per second; where nothing travels, the figures of the table above.

${[...names.map((name) => rawRows(name, results)), ...stillRows(results)].join('\n\n')}
`;
}

/** @param {string} label */
function nameOf(label) {
  return label === 'this' ? 'Postern' : label;
}

/**
 * All scenarios at a glance.
 *
 * @param {readonly string[]} names
 * @param {Results} results
 */
function summary(names, { scenarios, subjects }) {
  const peers = subjects.map(({ label }) => label).filter((label) => label !== 'this');
  const lines = names.map((name) => {
    /** @param {string} label */
    const micros = (label) =>
      scenarios.find(({ scenario, checkout }) => scenario === name && checkout === label)?.summary
        ?.cpuMicrosPerOperation.median;
    const own = micros('this');
    const cells = peers.map((label) => {
      const other = micros(label);
      return own === undefined || other === undefined ? '' : (other / own).toFixed(2);
    });
    return `| ${[name, own?.toFixed(1) ?? 'failed', ...cells].join(' | ')} |`;
  });
  return `## At a glance

CPU µs per operation of Postern, and what each of the others takes beside it: 2.00 is twice as much.

| | Postern, µs | ${peers.join(' | ')} |
|---|---|${peers.map(() => '---|').join('')}
${lines.join('\n')}`;
}

/**
 * @param {string} name
 * @param {Results} results
 */
function section(name, { scenarios }) {
  const rows = scenarios.filter(({ scenario }) => scenario === name);
  const floor = rows.find(({ checkout }) => checkout === FLOOR)?.summary ?? null;
  const title = rows[0]?.title ?? '';
  const rate = rows.find(({ summary }) => summary !== null)?.summary?.latencyRatePerSecond.median;
  const half = rows.find(({ checkout }) => checkout === 'this')?.summary;
  const halfRate = (half?.latencyAtHalf?.ratePerSecond ?? half?.latencyRatePerSecond)?.median;
  const lines = rows.map(({ checkout, summary }) => {
    if (summary === null) return `| ${nameOf(checkout)} | failed | | | | |`;
    const { cpuMicrosPerOperation: cpu, latencyMicros: same, latencyAtHalf } = summary;
    const multiple = floor ? (cpu.median / floor.cpuMicrosPerOperation.median).toFixed(1) : '';
    // Where the gateway itself is the slowest, the rate of all is half of its own.
    const isSame = half !== null && half !== undefined && half.latencyAtHalf === null;
    const own = isSame ? same : latencyAtHalf;
    const cells = [
      nameOf(checkout),
      spread(cpu, 1),
      multiple,
      spread(summary.operationsPerSecond, 0),
      `${spread(same.p50, 0)}; ${spread(same.p99, 0)}`,
      own === null ? '' : `${spread(own.p50, 0)}; ${spread(own.p99, 0)}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${name}`,
    `${title}. The same rate was ${rate?.toFixed(0)}/s, Postern's half ${halfRate?.toFixed(0)}/s.`,
    `| server | CPU µs per operation | × floor | operations per second | p50; p99 µs at the same rate | p50; p99 µs at Postern's half |
|---|---|---|---|---|---|
${lines.join('\n')}`,
    ...stalls(rows),
    ...failures(rows),
  ].join('\n\n');
}

/**
 * Whether the percentiles are the machine's.
 *
 * @param {readonly ScenarioResult[]} rows
 */
function stalls(rows) {
  const most = Math.max(...rows.map(({ summary }) => summary?.stalledShare.median ?? 0));
  if (most <= STALLED_SHARE_MAX) return [];
  return [
    `The load generator itself was held up for up to ${(most * 100).toFixed(0)} % of the paced windows: high percentiles here are ` +
      "the machine's.",
  ];
}

/**
 * What went wrong, of peers too: a figure of a server that lost something is not a figure of one that did not.
 *
 * @param {readonly Pick<ScenarioResult, 'checkout' | 'failure' | 'faults'>[]} rows
 */
function failures(rows) {
  return rows.flatMap(({ checkout, failure, faults }) => {
    const reason = failure?.split('\n', 1)[0];
    return [
      ...(reason === undefined ? [] : [`${nameOf(checkout)} failed: ${reason}`]),
      ...faults.map(({ count, kind }) => `${nameOf(checkout)}, errors: ${count} × ${kind}`),
    ];
  });
}

/**
 * @param {string} name
 * @param {Results} results
 */
function rawRows(name, { scenarios }) {
  const rows = scenarios.filter(({ scenario }) => scenario === name);
  const lines = rows.map(({ checkout, rounds }) => {
    const figures = rounds.map(
      ({ cpuMicrosPerOperation, operationsPerSecond }) =>
        `${cpuMicrosPerOperation.toFixed(1)}, ${operationsPerSecond.toFixed(0)}`,
    );
    return `| ${nameOf(checkout)} | ${figures.join(' | ')} |`;
  });
  return rawTable(name, rows, lines);
}

/**
 * A section for each scenario in which nothing travels.
 *
 * @param {Results} results
 */
function still({ footprints }) {
  return [...new Set(footprints.map(({ scenario }) => scenario))].map((name) => {
    const rows = footprints.filter(({ scenario }) => scenario === name);
    const figures = [...new Set(rows.flatMap(({ summary }) => Object.keys(summary)))];
    const lines = rows.map(({ checkout, summary, rounds }) => {
      const cells = figures.map((name) => (summary[name] ? spread(summary[name], 1) : ''));
      return `| ${[nameOf(checkout), ...(rounds.length === 0 ? ['failed'] : cells)].join(' | ')} |`;
    });
    const table = `| server | ${figures.join(' | ')} |
|---|${figures.map(() => '---|').join('')}
${lines.join('\n')}`;
    return [`## ${name}`, `${rows[0]?.title ?? ''}.`, table, ...failures(rows)].join('\n\n');
  });
}

/** @param {Results} results */
function stillRows({ footprints }) {
  return [...new Set(footprints.map(({ scenario }) => scenario))].map((name) => {
    const rows = footprints.filter(({ scenario }) => scenario === name);
    const lines = rows.map(({ checkout, rounds }) => {
      const cells = rounds.map((figures) =>
        Object.values(figures)
          .map((figure) => figure.toFixed(1))
          .join(', '),
      );
      return `| ${nameOf(checkout)} | ${cells.join(' | ')} |`;
    });
    return rawTable(name, rows, lines);
  });
}

/**
 * @param {string} name
 * @param {readonly { rounds: readonly unknown[] }[]} rows
 * @param {readonly string[]} lines
 */
function rawTable(name, rows, lines) {
  const most = Math.max(...rows.map(({ rounds }) => rounds.length));
  const heads = Array.from({ length: most }, (_, index) => `round ${index + 1}`);
  return `| ${[name, ...heads].join(' | ')} |
|---|${heads.map(() => '---|').join('')}
${lines.join('\n')}`;
}

/**
 * @param {Spread} figure
 * @param {number} digits
 */
function spread({ median, min, max }, digits) {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
