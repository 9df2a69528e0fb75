import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { reportText } from './report.mjs';
import { SCENARIOS } from './scenarios.mjs';

const HELP = `Usage: npm run chaos -- [options]

Breaks a running gateway in every way it has to survive, and compares what was promised with what arrived.

  --scenario NAME   only this one; may be given again (default: all)
  --sockets N       clients (default 1000)
  --rate N          pushes a second, and as many messages (default 200)
  --calm S          seconds between two blows (default 8)
  --report FILE     write the report there as well
  --help            this text

Scenarios:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`).join('\n')}

Exit code: 0 when nothing that was promised is missing.
`;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    sockets: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '200' },
    calm: { type: 'string', default: '8' },
    report: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const unknown = values.scenario.filter((name) => !SCENARIOS.some((one) => one.name === name));
if (unknown.length > 0) {
  process.stderr.write(`There is no scenario ${unknown.join(', ')}\n${HELP}`);
  process.exit(2);
}
const chosen = SCENARIOS.filter(
  ({ name }) => values.scenario.length === 0 || values.scenario.includes(name),
);
const size = {
  sockets: Number(values.sockets),
  pushesPerSecond: Number(values.rate),
  messagesPerSecond: Number(values.rate),
  calmSeconds: Number(values.calm),
  toldSeconds: 90,
};
const texts = [];
let isClean = true;
for (const scenario of chosen) {
  process.stdout.write(`\n${scenario.name}: ${scenario.title}\n`);
  const report = await scenario.run(size, (line) => process.stdout.write(`${line}\n`));
  const text = reportText(scenario, report);
  process.stdout.write(`\n${text}\n`);
  texts.push(text);
  isClean &&= report.verdict.lost.length === 0;
}
if (values.report !== undefined) {
  const [{ model = 'unknown' } = {}] = cpus();
  const machine = `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;
  mkdirSync(dirname(values.report), { recursive: true });
  writeFileSync(values.report, `Measured on ${machine}.\n\n${texts.join('\n')}`);
}
process.exitCode = isClean ? 0 : 1;
