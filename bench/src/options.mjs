import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios.mjs';
import { NODE_LINES } from './subjects/node-line.mjs';
import { PEERS } from './subjects/peers.mjs';

/**
 * @typedef {object} Options
 * @property {boolean} help
 * @property {'checkouts' | 'peers' | 'guard'} against
 * @property {string} commit what `guard` compares with
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} sockets
 * @property {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @property {boolean} areNamed whether somebody chose them
 * @property {string | null} json where the results go; null for the default
 * @property {string | null} add an earlier results file of the same run of peers, in parts
 * @property {string | null} compare a second checkout
 * @property {string | null} node program, or a line of Node.js, that the second gateway runs under
 * @property {readonly string[]} peers the only ones; empty for all
 * @property {boolean} isRealTime whether the run may have real-time priority
 * @property {string | null} profile folder for CPU profiles of the gateways
 */

export const HELP = `Usage: npm run bench -- [options]
       npm run bench -- peers [options]     beside other servers, into docs/benchmarks.md
       npm run bench -- scaling [options]   workers and nodes, into docs/scaling.md
       npm run bench -- hostile [options]   honest clients beside attacks
       npm run bench -- guard [COMMIT] [options]    beside an earlier commit (default HEAD)

Measures what one operation costs the gateway. Loopback only; takes about 90 seconds, beside peers
some ten minutes. It says at its start how long, and with each round what is left.

  --rounds N        interleaved rounds, 1 to 50 (default 5; beside peers 3)
  --seconds S       length of each measured window, 0.2 to 60 (default 2; beside peers 1.5)
  --scenario NAME   only this one; may be given again (default: push, push-unsigned, message; with
                    guard idle-10000 and start too; with peers all but connect-disconnect and
                    those of message with telemetry)
  --sockets N       WebSocket clients per scenario, 1 to 1000 (default 50)
  --json FILE       where to write the results (default: bench/results/<time>.json)
  --add FILE        with peers: scenarios of an earlier results file that this run does not
                    have come into the page too, so that it can be made in parts
  --profile DIR     write a CPU profile of each gateway under load there, what it says as text, a
                    flame graph and its stacks; profiling itself costs some 10 %
  --compare DIR     a second, built checkout to run in the same rounds, printed as a ratio
  --node PATH       another Node.js for that gateway; alone, or with peers: this checkout once
                    more, under it. A line (${Object.keys(NODE_LINES).join(', ')}) is fetched from npm
  --subject NAME    with peers: beside this one only; may be given again
                    (${PEERS.map(({ name }) => name).join(', ')})
  --no-realtime     as root, nice -10 instead of real-time priority
  --help            this text

Scenarios:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(21)}  ${title}`).join('\n')}

Exit code: 0 when every operation arrived, 1 when anything went wrong.
`;

const DEFAULTS = { rounds: '5', seconds: '2' };
const PEERS_DEFAULTS = { rounds: '3', seconds: '1.5' };

/**
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function parseOptions(args) {
  const [word, second] = args;
  const against = word === 'peers' || word === 'guard' ? word : 'checkouts';
  const isCommit = against === 'guard' && second !== undefined && !second.startsWith('-');
  const defaults = against === 'peers' ? PEERS_DEFAULTS : DEFAULTS;
  const { values } = parseArgs({
    args: args.slice(against === 'checkouts' ? 0 : isCommit ? 2 : 1),
    strict: true,
    options: {
      rounds: { type: 'string', default: defaults.rounds },
      seconds: { type: 'string', default: defaults.seconds },
      sockets: { type: 'string', default: '50' },
      scenario: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      add: { type: 'string' },
      compare: { type: 'string' },
      node: { type: 'string' },
      subject: { type: 'string', multiple: true, default: [] },
      'no-realtime': { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  refuseIdle(values, against);
  return {
    help: values.help,
    against,
    commit: isCommit ? second : 'HEAD',
    rounds: numberWithin('--rounds', values.rounds, { min: 1, max: 50, whole: true }),
    seconds: numberWithin('--seconds', values.seconds, { min: 0.2, max: 60, whole: false }),
    sockets: numberWithin('--sockets', values.sockets, { min: 1, max: 1000, whole: true }),
    scenarios: chooseScenarios(values.scenario, against),
    areNamed: values.scenario.length > 0,
    json: values.json ?? null,
    add: values.add ?? null,
    compare: values.compare ?? null,
    node: values.node ?? null,
    peers: choosePeers(values.subject),
    isRealTime: !values['no-realtime'],
    profile: values.profile ?? null,
  };
}

/**
 * An option that would do nothing is a misunderstanding.
 *
 * @param {{ compare?: string, add?: string, subject: readonly string[] }} values
 * @param {Options['against']} against
 */
function refuseIdle({ compare, add, subject }, against) {
  if (compare !== undefined && against === 'peers') {
    throw new Error('--compare: not beside peers; another Node.js is (--node)');
  }
  if (compare !== undefined && against === 'guard') {
    throw new Error('--compare: guard compares with a commit, its second word');
  }
  if (against === 'peers') return;
  if (add !== undefined) throw new Error('--add: only beside peers');
  if (subject.length > 0) throw new Error('--subject: only beside peers');
}

/** @param {readonly string[]} names */
function choosePeers(names) {
  const unknown = names.find((name) => !PEERS.some((peer) => peer.name === name));
  if (unknown === undefined) return names;
  const known = PEERS.map(({ name }) => name).join(', ');
  throw new Error(`--subject: "${unknown}" is none of ${known}`);
}

/**
 * @param {readonly string[]} names
 * @param {Options['against']} against
 */
function chooseScenarios(names, against) {
  const unknown = names.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    const known = SCENARIOS.map(({ name }) => name).join(', ');
    throw new Error(`--scenario: "${unknown}" is none of ${known}`);
  }
  if (names.length === 0) {
    return SCENARIOS.filter(
      ({ telemetry, only }) =>
        telemetry === undefined && (only === undefined || only.some((one) => one === against)),
    );
  }
  return SCENARIOS.filter(({ name }) => names.includes(name));
}

/**
 * @param {string} option
 * @param {string} text
 * @param {{ min: number, max: number, whole: boolean }} range
 */
function numberWithin(option, text, { min, max, whole }) {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (whole && value % 1 !== 0)) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new Error(`${option}: "${text}" is not ${kind} from ${min} to ${max}`);
  }
  return value;
}
