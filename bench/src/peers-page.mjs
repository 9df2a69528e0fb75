/**
 * docs/benchmarks.md: the gateway beside its peers, from one interleaved run. Written whole by
 * `npm run bench -- peers`; nobody edits it.
 */

/** @typedef {import('./results.mjs').Results} Results */
/** @typedef {import('./results.mjs').ScenarioResult} ScenarioResult */
/** @typedef {import('./measure/percentiles.mjs').Spread} Spread */

const FLOOR = 'C floor';

/**
 * @param {Results} results
 * @returns {string}
 */
export function peersPage(results) {
  const { machine, settings, checkouts, subjects, startedAt } = results;
  const names = [...new Set(results.scenarios.map(({ scenario }) => scenario))];
  const revision = checkouts[0]?.revision ?? 'unknown';
  return `# Benchmarks

What one operation costs, beside other servers that do a part of the same, in one interleaved run: A B C A B C.
Written by \`npm run bench -- peers\`; [how it is measured, and how to read it](../bench/README.md).

The figure to compare is **CPU time per operation**, user and system, of all of a server's processes together, and of
that the multiple of the floor: microseconds are this machine's, multiples travel better.

- ${startedAt.slice(0, 10)}, revision \`${revision}\`; ${machine.platform}, ${machine.cores} cores (${machine.cpu}),
  load ${machine.loadAverageBefore.toFixed(2)} before the run
- loopback, no TLS, ${settings.payloadBytes} B payload, ${settings.sockets} sockets; median (lowest–highest) of
  ${settings.rounds} rounds of ${settings.seconds} s
- errors: ${results.errors}

| server | what it is | version |
|---|---|---|
${subjects.map(({ label, about, version }) => `| ${nameOf(label)} | ${about} | ${version} |`).join('\n')}

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
 * @param {string} name
 * @param {Results} results
 */
function section(name, { scenarios }) {
  const rows = scenarios.filter(({ scenario }) => scenario === name);
  const floor = rows.find(({ checkout }) => checkout === FLOOR);
  const title = rows[0]?.title ?? '';
  const lines = rows.map((row) => {
    const { cpuMicrosPerOperation: cpu, operationsPerSecond, latencyMicros } = row.summary;
    const multiple = floor
      ? (cpu.median / floor.summary.cpuMicrosPerOperation.median).toFixed(1)
      : '';
    const cells = [
      nameOf(row.checkout),
      spread(cpu, 1),
      multiple,
      spread(operationsPerSecond, 0),
      spread(latencyMicros.p50, 0),
      spread(latencyMicros.p99, 0),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `## ${name}

${title}. Latencies at the same rate for all, half of what the slowest reached.

| server | CPU µs per operation | × floor | operations per second | p50 µs | p99 µs |
|---|---|---|---|---|---|
${lines.join('\n')}`;
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
  const rounds = rows[0]?.rounds.map((_, index) => `round ${index + 1}`) ?? [];
  return `| ${name} | ${rounds.join(' | ')} |
|---|${rounds.map(() => '---|').join('')}
${lines.join('\n')}`;
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
    const lines = rows.map(({ checkout, summary }) => {
      const cells = figures.map((name) => (summary[name] ? spread(summary[name], 1) : ''));
      return `| ${[nameOf(checkout), ...cells].join(' | ')} |`;
    });
    return `## ${name}

${rows[0]?.title ?? ''}.

| server | ${figures.join(' | ')} |
|---|${figures.map(() => '---|').join('')}
${lines.join('\n')}`;
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
    const heads = rows[0]?.rounds.map((_, index) => `round ${index + 1}`) ?? [];
    return `| ${name} | ${heads.join(' | ')} |
|---|${heads.map(() => '---|').join('')}
${lines.join('\n')}`;
  });
}

/**
 * @param {Spread} figure
 * @param {number} digits
 */
function spread({ median, min, max }, digits) {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
