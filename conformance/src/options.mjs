import { parseArgs } from 'node:util';

/**
 * @typedef {object} Options
 * @property {boolean} help
 * @property {string | null} endpoint control plane of the endpoint to check; null: a gateway of our own
 * @property {string | null} checkout folder whose built gateway is started
 * @property {string} region
 * @property {string | null} backendUrl how the endpoint reaches the recording backend
 * @property {number} backendPort
 * @property {number | null} lambdaPort where the endpoint calls its Lambda functions
 * @property {number} concurrency
 * @property {number} patienceSeconds
 * @property {number} quietMillis
 * @property {number} settleSeconds
 * @property {string[]} topics
 * @property {string[]} only
 * @property {string | null} cases
 * @property {string | null} json
 * @property {boolean} write
 * @property {boolean} verbose
 */

export const HELP = `Usage: npm run conformance -- [options]

Runs the cases of conformance/cases against an endpoint and prints a matrix.
Without --endpoint it starts the built gateway of this repository itself.

Which endpoint:
  --endpoint URL         control plane: http://127.0.0.1:4080 of a running Postern, or
                         https://apigateway.us-east-1.amazonaws.com
  --region REGION        region to sign for (default: us-east-1)
  --backend-url URL      where the endpoint reaches the recording backend of this run, such as a
                         public tunnel (default: http://127.0.0.1:PORT)
  --backend-port PORT    port of that backend (default: a free one)
  --lambda-port PORT     the endpoint was started with --lambda-endpoint http://127.0.0.1:PORT
  --checkout FOLDER      start the gateway of another checkout instead
Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.

Which cases:
  --topic NAME           file of conformance/cases without .yaml; may be repeated
  --case ID              one case; may be repeated
  --cases FOLDER         another folder of cases

How:
  --concurrency N        cases at a time (default: 8)
  --patience SECONDS     how long anything awaited may take (default: 5)
  --quiet MILLISECONDS   how long nothing must come where nothing may (default: 100)
  --settle SECONDS       how long a deployment takes to be in force (default: 0; AWS: 60)

What comes out:
  --verbose              every case, not only the ones that differ
  --json FILE            all results
  --write                docs/compatibility.md

Exit code: 0 when every case that ran is as documented.
`;

/**
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function parseOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      help: { type: 'boolean', default: false },
      endpoint: { type: 'string' },
      checkout: { type: 'string' },
      region: { type: 'string', default: 'us-east-1' },
      'backend-url': { type: 'string' },
      'backend-port': { type: 'string', default: '0' },
      'lambda-port': { type: 'string' },
      concurrency: { type: 'string', default: '8' },
      patience: { type: 'string', default: '5' },
      quiet: { type: 'string', default: '100' },
      settle: { type: 'string', default: '0' },
      topic: { type: 'string', multiple: true, default: [] },
      case: { type: 'string', multiple: true, default: [] },
      cases: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  });
  const lambdaPort = values['lambda-port'];
  return {
    help: values.help,
    endpoint: values.endpoint ?? null,
    checkout: values.checkout ?? null,
    region: values.region,
    backendUrl: values['backend-url'] ?? null,
    backendPort: numberWithin('--backend-port', values['backend-port'], 0, 65_535),
    lambdaPort:
      lambdaPort === undefined ? null : numberWithin('--lambda-port', lambdaPort, 1, 65_535),
    concurrency: numberWithin('--concurrency', values.concurrency, 1, 64),
    patienceSeconds: numberWithin('--patience', values.patience, 1, 600),
    quietMillis: numberWithin('--quiet', values.quiet, 10, 60_000),
    settleSeconds: numberWithin('--settle', values.settle, 0, 600),
    topics: values.topic,
    only: values.case,
    cases: values.cases ?? null,
    json: values.json ?? null,
    write: values.write,
    verbose: values.verbose,
  };
}

/**
 * @param {string} option
 * @param {string} text
 * @param {number} min
 * @param {number} max
 */
function numberWithin(option, text, min, max) {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw new Error(`${option}: "${text}" is not a number from ${min} to ${max}`);
  }
  return value;
}
