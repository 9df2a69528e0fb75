import { FLOOR, FRAME, judge, LATE_WITH_WAITS } from './goals.mjs';

/**
 * docs/benchmarks.md: the gateway beside its peers, from one interleaved run. Written whole by
 * `npm run bench -- peers`; nobody edits it.
 */

/** @typedef {import('./results.mjs').Results} Results */
/** @typedef {import('./results.mjs').ScenarioResult} ScenarioResult */
/** @typedef {import('./measure/percentiles.mjs').Spread} Spread */

/** As in the report: above it a 99th percentile is not the server's. */
const STALLED_SHARE_MAX = 0.01;

const LATENESS = `How late the loop was: the latest of all that was due while ten thousand frames went out, 20 times in a round. The
times in which another program had its core for over a millisecond are only in the last two columns.`;

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
  load ${machine.loadAverageBefore.toFixed(2)} before the run, which had ${settings.priority}
- loopback, no TLS, ${settings.payloadBytes} B payload, ${settings.sockets} sockets; median (lowest–highest) of
  ${settings.rounds} rounds of ${settings.seconds} s, after up to ${2 * settings.seconds} s of full load
- latencies from the moment an operation was due, at a fixed rate: *at the same rate*, half of what the slowest of
  the table reached, and *at Postern's half*, half of what Postern reached; *untouched* leaves out the share of the
  operations that were due or under way while the load generator itself was held up
- errors of Postern and the floor: ${results.errors}

| server | what it is | version |
|---|---|---|
${subjects.map(({ label, about, version }) => `| ${nameOf(label)} | ${about} | ${version} |`).join('\n')}

${goals(results)}

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
 * The gateway's rows: it may run under several versions of Node.js.
 *
 * @param {Results} results
 */
function ownLabels({ checkouts }) {
  return checkouts.map(({ label }) => label);
}

/**
 * What was to be reached, and whether it was.
 *
 * @param {Results} results
 */
function goals(results) {
  const labels = ownLabels(results);
  const verdicts = labels.map((label) => judge(results, label));
  const lines = (verdicts[0] ?? []).map(({ goal }, index) => {
    const limit = `${goal.bound} ${goal.limit.toLocaleString('en')}`;
    const cells = verdicts.map((judged) => verdict(judged[index]));
    return `| ${[`${goal.scenario}: ${goal.what}`, limit, ...cells, goal.why].join(' | ')} |`;
  });
  const tally = labels.map((label, index) => {
    const judged = verdicts[index] ?? [];
    const measured = judged.filter((one) => one.measured !== null);
    const met = measured.filter(({ isMet }) => isMet).length;
    const missing = judged.length - measured.length;
    const others = missing === 0 ? '' : `, and ${missing} could not be judged`;
    return `${nameOf(label)} keeps ${met} of ${measured.length} that were measured${others}`;
  });
  return `## Goals

What Postern is to reach with signatures, policies, limits, log and metrics on. ${tally.join('; ')}.

| what | goal | ${labels.map(nameOf).join(' | ')} | why this much |
|---|---|${labels.map(() => '---|').join('')}---|
${lines.join('\n')}`;
}

/** @param {import('./goals.mjs').Judged | undefined} judged */
function verdict(judged) {
  if (judged === undefined) return '';
  const { goal, measured, isMet, beside } = judged;
  if (measured === null) return `not measured: ${beside}`;
  const figure = measured.toFixed(goal.digits ?? 1);
  return `${figure}, ${isMet ? 'met' : '**missed**'}${beside === '' ? '' : ` (${beside})`}`;
}

/**
 * All scenarios at a glance.
 *
 * @param {readonly string[]} names
 * @param {Results} results
 */
function summary(names, results) {
  const { scenarios, subjects } = results;
  const own = ownLabels(results);
  const peers = subjects
    .map(({ label }) => label)
    .filter((label) => label !== FLOOR && !own.includes(label));
  const lines = names.map((name) => {
    /** @param {string} label */
    const micros = (label) =>
      scenarios.find(({ scenario, checkout }) => scenario === name && checkout === label)?.summary
        ?.cpuMicrosPerOperation.median;
    /** @param {number | undefined} one @param {number | undefined} other */
    const times = (one, other) =>
      one === undefined || other === undefined ? '' : (one / other).toFixed(2);
    const cells = own.flatMap((label) => [
      micros(label)?.toFixed(1) ?? 'failed',
      times(micros(label), micros(FLOOR)),
    ]);
    const others = peers.map((label) => times(micros(label), micros('this')));
    return `| ${[name, ...cells, ...others].join(' | ')} |`;
  });
  const heads = [...own.flatMap((label) => [`${nameOf(label)}, µs`, '× floor']), ...peers];
  return `## At a glance

CPU µs per operation of Postern, that in floors, and what each of the others takes beside Postern: 2.00 is twice
as much.

| | ${heads.join(' | ')} |
|---|${heads.map(() => '---|').join('')}
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
    if (summary === null) return `| ${nameOf(checkout)} | failed | | | | | |`;
    const { cpuMicrosPerOperation: cpu, latencyMicros: same, latencyAtHalf } = summary;
    const multiple = floor ? (cpu.median / floor.cpuMicrosPerOperation.median).toFixed(2) : '';
    // Where the gateway itself is the slowest, the rate of all is half of its own.
    const isSame = half !== null && half !== undefined && half.latencyAtHalf === null;
    const own = isSame ? { ...same, untouched: summary.untouched } : latencyAtHalf;
    const cells = [
      nameOf(checkout),
      spread(cpu, 1),
      multiple,
      spread(summary.operationsPerSecond, 0),
      `${spread(same.p50, 0)}; ${spread(same.p99, 0)}`,
      own === null ? '' : `${spread(own.p50, 0)}; ${spread(own.p99, 0)}`,
      own === null ? '' : untouched(own.untouched),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${name}`,
    `${title}. The same rate was ${rate?.toFixed(0)}/s, Postern's half ${halfRate?.toFixed(0)}/s.`,
    `| server | CPU µs per operation | × floor | operations per second | p50; p99 µs at the same rate | p50; p99 µs at Postern's half | there, p99 µs untouched |
|---|---|---|---|---|---|---|
${lines.join('\n')}`,
    ...stalls(rows),
    ...failures(rows),
  ].join('\n\n');
}

/** @param {import('./results.mjs').Untouched} apart */
function untouched({ p99, touchedShare }) {
  const share = `without ${(touchedShare.median * 100).toFixed(1)} %`;
  return p99 === null ? `none ${share}` : `${spread(p99, 0)} ${share}`;
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
    const floor = rows.find(({ checkout }) => checkout === FLOOR)?.summary[FRAME]?.median;
    const lines = rows.map(({ checkout, summary, rounds }) => {
      const cells = figures.flatMap((figure) => {
        const text = summary[figure] ? spread(summary[figure], 1) : '';
        if (figure !== FRAME) return [text];
        const micros = summary[figure]?.median;
        return [text, floor && micros ? (micros / floor).toFixed(2) : ''];
      });
      return `| ${[nameOf(checkout), ...(rounds.length === 0 ? ['failed'] : cells)].join(' | ')} |`;
    });
    const heads = figures.flatMap((figure) => (figure === FRAME ? [figure, '× floor'] : [figure]));
    const table = `| server | ${heads.join(' | ')} |
|---|${heads.map(() => '---|').join('')}
${lines.join('\n')}`;
    const notes = figures.includes(LATE_WITH_WAITS) ? [LATENESS] : [];
    const title = `${rows[0]?.title ?? ''}.`;
    return [`## ${name}`, title, table, ...notes, ...failures(rows)].join('\n\n');
  });
}

/** @param {Results} results */
function stillRows({ footprints }) {
  return [...new Set(footprints.map(({ scenario }) => scenario))].map((name) => {
    const rows = footprints.filter(({ scenario }) => scenario === name);
    const lines = rows.map(({ checkout, summary, rounds }) => {
      const cells = rounds.map((figures) =>
        Object.keys(summary)
          .map((name) => figures[name]?.toFixed(1) ?? 'none')
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
