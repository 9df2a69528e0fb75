import { connect } from 'node:net';
import { nowMicros } from '../measure/clock.mjs';
import { Faults } from '../measure/faults.mjs';
import { readCpuMicros, readStolenMicros } from '../measure/proc-stat.mjs';
import { answerCalls } from '../processes/calls.mjs';
import { AcknowledgementReader } from '../wire/acknowledgements.mjs';
import { encodeFrame, OPCODE } from '../wire/frames.mjs';
import { assertLoopback } from '../wire/loopback.mjs';
import { decodeSlot, encodePayload } from '../wire/payload.mjs';
import { preparePushRequests } from '../wire/push-request.mjs';
import { ClientSocket } from './client-socket.mjs';
import { Load, SLOTS } from './load.mjs';
import { PushLanes } from './push-lanes.mjs';

/**
 * The load generator, a process of its own: it holds the WebSocket clients, sends the operations
 * of the scenario and times their arrival.
 */

/** Sockets opened at the same time; more would only measure the listen queue. */
const HANDSHAKES_AT_ONCE = 16;

/**
 * @typedef {object} OpenParams
 * @property {import('../scenarios.mjs').Scenario['kind']} kind
 * @property {import('../wire/push-request.mjs').Sdk} [sdk]
 * @property {string} host
 * @property {number} port
 * @property {readonly number[]} ports of a fleet's nodes; of one server, that port alone
 * @property {import('../subjects/subject.mjs').Talk} talk
 * @property {number} sockets
 * @property {number} lanes
 * @property {number} depth
 * @property {import('../wire/sigv4.mjs').Credentials | null} credentials
 * @property {number} acknowledgementPort
 */

/** @typedef {{ gatewayPids: number[], backendPid: number, besidePids: number[] }} Watched */

const faults = new Faults();
/** @type {ClientSocket[]} */
let clients = [];
/** @type {OpenParams} */
let settings;
/** @type {string[]} */
let connectionIds = [];
/** @type {Load} */
let load;
/** @type {PushLanes | null} */
let pushLanes = null;
/** Whether each push is sent to the node that holds the connection, and not to the next one in turn. */
let toHolder = false;

const pingFrames = Array.from({ length: SLOTS }, (_, slot) =>
  encodeFrame(OPCODE.text, encodePayload('ping', slot)),
);

/** @param {OpenParams} params */
async function open(params) {
  settings = params;
  assertLoopback(params.host);
  load = new Load({ lanes: params.lanes, depth: params.depth, send, faults });
  await openAcknowledgements(params.acknowledgementPort);
  // There, clients coming is what is measured.
  if (isConnect(params.kind)) return;
  for (let first = 0; first < params.sockets; first += HANDSHAKES_AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(HANDSHAKES_AT_ONCE, params.sockets - first) },
      (_, index) => first + index,
    );
    clients.push(...(await Promise.all(numbers.map(openClient))));
  }
  if (params.kind !== 'push') return;
  if (!params.talk.tellsIds) {
    connectionIds = clients.map((_, number) => String(number));
    return;
  }
  for (const [number, client] of clients.entries()) {
    client.write(encodeFrame(OPCODE.text, encodePayload('here', number)));
  }
}

/** @param {number} number */
async function openClient(number) {
  const client = newClient(number);
  await client.open();
  return client;
}

/** @param {number} number */
function newClient(number) {
  const { host, ports, talk } = settings;
  return new ClientSocket(
    {
      host,
      port: ports[number % ports.length],
      path: talk.socketPath.replace('{n}', String(number)),
    },
    {
      onText: (bytes, start, end) => receiveText(number, bytes, start, end),
      onFault: (kind, sample) => faults.add(kind, sample),
      takesBinary: talk.sendsBinary === true,
    },
  );
}

/** @param {OpenParams['kind']} kind */
function isConnect(kind) {
  return kind === 'connect' || kind === 'connectCall';
}

/**
 * The client that a push in this slot goes to. Clients and lanes are dealt to nodes in turn.
 *
 * @param {number} lane
 * @param {number} slot
 */
function targetOf(lane, slot) {
  const { sockets, ports } = settings;
  // A client further each time around, so that no lane meets the same clients again and again.
  if (!toHolder) return (slot + Math.floor(slot / sockets)) % sockets;
  return (slot % Math.floor(sockets / ports.length)) * ports.length + (lane % ports.length);
}

/**
 * @param {number} lane
 * @param {number} slot
 */
function send(lane, slot) {
  if (settings.kind === 'push') pushLanes?.send(lane, slot);
  else if (isConnect(settings.kind)) visit(lane, slot);
  else clients[lane].write(pingFrames[slot]);
}

/**
 * One client comes and, once it is let in, goes. What fails is among the faults already.
 *
 * @param {number} lane
 * @param {number} slot
 */
function visit(lane, slot) {
  const client = newClient(slot);
  const free = () => load.freeLane(lane);
  client.open().then(() => {
    load.arrived(slot, nowMicros());
    client.leave(free);
  }, free);
}

/**
 * @param {number} number which socket received it
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 */
function receiveText(number, bytes, start, end) {
  const isEcho = settings.kind === 'echo';
  const slot = decodeSlot(bytes, start, end, isEcho ? 'ping' : 'push');
  if (slot === -1 || !(isEcho || settings.kind === 'push')) {
    faults.add('unexpected frame', bytes.toString('latin1', start, end));
  } else if (isEcho) {
    if (load.laneOf(slot) !== number) faults.add('echo on another socket', `slot ${slot}`);
    if (load.arrived(slot, nowMicros())) load.freeLane(number);
  } else if (targetOf(load.laneOf(slot), slot) !== number) {
    faults.add('frame on another socket', `slot ${slot} on socket ${number}`);
  } else {
    load.arrived(slot, nowMicros());
  }
}

/**
 * @param {number} port
 * @returns {Promise<void>}
 */
function openAcknowledgements(port) {
  const records = new AcknowledgementReader((slot, arrivedAt) => {
    if (load.arrived(slot, arrivedAt)) load.freeLane(load.laneOf(slot));
  });
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.on('data', (chunk) => records.push(chunk));
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
}

/**
 * Runs one phase. Push requests are signed and their connections opened anew, before it begins.
 *
 * @template T
 * @param {boolean} isToHolder
 * @param {() => Promise<T>} phase
 */
async function withLanes(isToHolder, phase) {
  const { kind, sdk, host, talk, credentials, lanes } = settings;
  const ports = talk.pushPort === null ? settings.ports : [talk.pushPort];
  toHolder = isToHolder;
  if (kind !== 'push') return { ...(await phase()), faults: faults.take() };
  // One set for each node, unless all nodes are sent the same.
  const requests = (isToHolder ? ports : ports.slice(0, 1)).map((port, lane) =>
    preparePushRequests(
      {
        ...{ host, port, talk, sdk, credentials },
        connectionIds: Array.from(
          { length: SLOTS },
          (_, slot) => connectionIds[targetOf(lane, slot)],
        ),
      },
      SLOTS,
      new Date(),
    ),
  );
  pushLanes = new PushLanes(requests, {
    success: talk.success,
    closesAfterAnswer: talk.closesAfterPush === true,
    onAnswered: (lane) => load.freeLane(lane),
    onFault: (kind, sample) => faults.add(kind, sample),
  });
  try {
    await pushLanes.open({ host, ports, lanes });
    return { ...(await phase()), faults: faults.take() };
  } finally {
    pushLanes.close();
  }
}

/** @param {Watched} watched */
function usageOf({ gatewayPids, backendPid, besidePids }) {
  const own = process.cpuUsage();
  return {
    gatewayMicros: readCpuMicros(gatewayPids),
    backendMicros: readCpuMicros([backendPid]),
    besideMicros: readCpuMicros(besidePids),
    loadMicros: own.user + own.system,
    stolenMicros: readStolenMicros(),
  };
}

answerCalls({
  open,
  addressTo: (params) => {
    connectionIds = params.connectionIds;
  },
  saturate: ({ watched, toHolder = false, ...phase }) =>
    withLanes(toHolder, () => load.saturate({ ...phase, usage: () => usageOf(watched) })),
  pace: ({ toHolder = false, ...phase }) => withLanes(toHolder, () => load.pace(phase)),
  close: () => {
    for (const client of clients) client.close();
    clients = [];
  },
});
