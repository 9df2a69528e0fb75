/**
 * What is measured. A scenario is a row here: how the gateway is started, what travels, and how
 * much of it may be under way at once.
 */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {'push' | 'message' | 'echo' | 'connect' | 'connectCall' | 'fanOut' | 'idle' |
 *   'idleWorkers' | 'start'} kind which of the load generator's operations; with the last three, what a
 *   server takes when none travels
 * @property {'dev' | 'start'} command how the gateway runs
 * @property {boolean} signed
 * @property {import('./wire/push-request.mjs').Sdk} [sdk] whose requests they are; boto3's by default
 * @property {number | null} lanes connections that carry operations; null for every client socket
 * @property {number} depth operations in flight per lane: SDKs do not pipeline, so 1 for HTTP
 * @property {'accessLog' | 'executionLog' | 'dataTrace' | 'trace'} [telemetry] what looks at every
 *   event: the stage's access log, its execution log at INFO without and with data trace (each to
 *   files), or a reader of the live trace. Runs only where it is asked for.
 * @property {number} [sockets] held in `idle` and `fanOut`
 * @property {boolean} [isToldOfEnds] whether the backend is told of every connection that ends
 * @property {number} [workers] processes that hold them
 * @property {boolean} [ownOnly] no peer differs in it from another scenario: only the gateway and the floor run
 * @property {readonly ('peers' | 'guard')[]} [only] where it runs without being named
 */

const MESSAGE = /** @type {const} */ ({
  kind: 'message',
  command: 'start',
  signed: false,
  lanes: null,
  depth: 2,
});

/** Each lane is one client at a time: it comes, is let in, and says goodbye. */
const CONNECT = /** @type {const} */ ({
  command: 'start',
  signed: false,
  lanes: 64,
  depth: 1,
  only: ['peers'],
});

const STILL = /** @type {const} */ ({ command: 'start', signed: false, lanes: null, depth: 0 });

/** @type {readonly Scenario[]} */
export const SCENARIOS = Object.freeze([
  {
    name: 'push',
    title: 'signed POST @connections → text frame (postern start: SigV4 and policies on)',
    kind: 'push',
    command: 'start',
    signed: true,
    lanes: 32,
    depth: 1,
  },
  {
    name: 'push-unsigned',
    title: 'unsigned POST @connections → text frame (postern dev)',
    kind: 'push',
    command: 'dev',
    signed: false,
    lanes: 32,
    depth: 1,
    ownOnly: true,
  },
  {
    name: 'push-sdk-v3',
    title:
      'signed POST @connections, with the headers of the AWS SDK for JavaScript v3 → text frame',
    kind: 'push',
    command: 'start',
    signed: true,
    sdk: 'javascript-v3',
    lanes: 32,
    depth: 1,
    ownOnly: true,
    only: ['peers'],
  },
  {
    name: 'push-traced',
    title:
      'signed POST @connections, with the headers of OpenTelemetry, which each call has others of → text frame',
    kind: 'push',
    command: 'start',
    signed: true,
    sdk: 'boto3-traced',
    lanes: 32,
    depth: 1,
    ownOnly: true,
    only: ['peers'],
  },
  {
    name: 'message',
    title: 'text frame → $default route → HTTP backend answers 200 (postern start)',
    ...MESSAGE,
  },
  {
    name: 'echo',
    title: 'text frame → two-way $default route → HTTP backend answers 100 B → text frame',
    ...MESSAGE,
    kind: 'echo',
    only: ['peers'],
  },
  {
    name: 'connect',
    title: 'handshake → 101, then a close frame each way (postern start)',
    ...CONNECT,
    kind: 'connect',
  },
  {
    name: 'connect-backend',
    title:
      'handshake → $connect route → HTTP backend answers 200 → 101, then a close frame each way',
    ...CONNECT,
    kind: 'connectCall',
  },
  {
    name: 'connect-disconnect',
    title: 'connect-backend, with a $disconnect route that is told of each that leaves',
    ...CONNECT,
    kind: 'connectCall',
    isToldOfEnds: true,
    only: [],
  },
  {
    name: 'fan-out-1000',
    title: 'one signed POST @connections → text frame at each of 1,000 clients',
    ...STILL,
    kind: 'fanOut',
    signed: true,
    sockets: 1000,
    only: ['peers'],
  },
  {
    name: 'fan-out-10000',
    title: 'one signed POST @connections → text frame at each of 10,000 clients',
    ...STILL,
    kind: 'fanOut',
    signed: true,
    sockets: 10_000,
    only: ['peers'],
  },
  {
    name: 'idle-10000',
    title: '10,000 sockets on which nothing travels',
    ...STILL,
    kind: 'idle',
    sockets: 10_000,
    only: ['peers', 'guard'],
  },
  {
    name: 'idle-50000',
    title: '50,000 sockets on which nothing travels, held by three workers',
    ...STILL,
    kind: 'idleWorkers',
    sockets: 50_000,
    workers: 3,
    only: ['peers'],
  },
  {
    name: 'start',
    title: 'from nothing to ready, and what is resident two seconds later (postern start)',
    ...STILL,
    kind: 'start',
    only: ['peers', 'guard'],
  },
  {
    name: 'message-access-log',
    title: 'message, with a row of an access log in JSON',
    ...MESSAGE,
    telemetry: 'accessLog',
  },
  {
    name: 'message-execution-log',
    title: 'message, with an execution log at INFO',
    ...MESSAGE,
    telemetry: 'executionLog',
  },
  {
    name: 'message-data-trace',
    title: 'message, with an execution log at INFO and data trace',
    ...MESSAGE,
    telemetry: 'dataTrace',
  },
  {
    name: 'message-watched',
    title: 'message, with a reader of the live trace, 100 records a second',
    ...MESSAGE,
    telemetry: 'trace',
  },
]);

/**
 * Nothing travels: what a server takes to start, or to hold sockets.
 *
 * @param {Pick<Scenario, 'kind'>} scenario
 */
export function isFootprint({ kind }) {
  return kind === 'idle' || kind === 'idleWorkers' || kind === 'start';
}

/**
 * One call reaches many clients.
 *
 * @param {Pick<Scenario, 'kind'>} scenario
 */
export function isFanOut({ kind }) {
  return kind === 'fanOut';
}
