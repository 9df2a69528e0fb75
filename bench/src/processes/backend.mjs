import { createServer } from 'node:net';
import { nowMicros } from '../measure/clock.mjs';
import { Faults } from '../measure/faults.mjs';
import { AcknowledgementWriter } from '../wire/acknowledgements.mjs';
import { HttpMessageReader } from '../wire/http-messages.mjs';
import { decodeSlot, PAYLOAD_BYTES } from '../wire/payload.mjs';
import {
  acceptance,
  answer,
  isEvents,
  isOpening,
  messages,
  textsIn,
} from '../wire/websocket-events.mjs';
import { answerCalls } from './calls.mjs';

/**
 * The counting backend, a process of its own: a keep-alive HTTP server that answers 200 to every
 * message the gateway forwards and acknowledges each to the load generator, or sends it back. It also learns which
 * connectionId belongs to which socket, from the `connectionId` header of a "here" message.
 */

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
  'latin1',
);
const EVENTS_ANSWER = answer('');
const ECHO_HEAD = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${PAYLOAD_BYTES}\r\n\r\n`,
  'latin1',
);
/** Paths of clients that come and go. */
const COMINGS = /^POST \/ws\/(?:dis)?connect /;
const CONNECTION_ID = /\r\nconnectionid: *([^\r]+)/i;

/** @type {Map<number, string>} */
const connectionIds = new Map();
const faults = new Faults();
const acknowledgements = new AcknowledgementWriter();
/** @type {import('node:net').Socket | null} */
let loadGenerator = null;
let flushPlanned = false;
let echoes = false;
/** @type {readonly number[]} */
let guardedPids = [];

const httpServer = createServer({ noDelay: true }, (socket) => {
  const requests = new HttpMessageReader((head, bytes, start, end) => {
    if (isEvents(head)) {
      const texts = textsIn(bytes, start, end);
      if (isOpening(bytes, start)) {
        socket.write(acceptance(head));
      } else if (echoes && texts.length > 0) {
        socket.write(answer(messages(bytes, texts)));
      } else {
        for (const text of texts) receive(head, bytes, text.start, text.end);
        socket.write(EVENTS_ANSWER);
      }
    } else if (COMINGS.test(head)) {
      socket.write(ANSWER);
    } else if (echoes) {
      socket.write(Buffer.concat([ECHO_HEAD, bytes.subarray(start, end)]));
    } else {
      receive(head, bytes, start, end);
      socket.write(ANSWER);
    }
  });
  socket.on('data', (chunk) => {
    try {
      requests.push(chunk);
    } catch (error) {
      faults.add('unreadable request at the backend', String(error));
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
});

const acknowledgementServer = createServer({ noDelay: true }, (socket) => {
  loadGenerator = socket;
  socket.on('error', () => socket.destroy());
});

/**
 * @param {string} head
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 */
function receive(head, bytes, start, end) {
  const slot = decodeSlot(bytes, start, end, 'ping');
  if (slot !== -1) {
    acknowledgements.add(slot, nowMicros());
    if (!flushPlanned) setImmediate(flush);
    flushPlanned = true;
    return;
  }
  const socketNumber = decodeSlot(bytes, start, end, 'here');
  const connectionId = CONNECTION_ID.exec(head)?.[1];
  if (socketNumber !== -1 && connectionId !== undefined) {
    connectionIds.set(socketNumber, connectionId);
    return;
  }
  faults.add(
    'unexpected request at the backend',
    `${head}\n${bytes.toString('latin1', start, end)}`,
  );
}

function flush() {
  flushPlanned = false;
  loadGenerator?.write(acknowledgements.take());
}

/**
 * @param {import('node:net').Server} server
 * @returns {Promise<number>} the port, on 127.0.0.1
 */
function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve(address.port);
    });
  });
}

/** The bench may be killed without a chance to end its gateway; this process outlives it. */
function endGuardedGateway() {
  for (const pid of guardedPids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

answerCalls(
  {
    listen: async (params) => {
      echoes = params.echoes;
      return {
        httpPort: await listen(httpServer),
        acknowledgementPort: await listen(acknowledgementServer),
      };
    },
    connectionIds: () => Object.fromEntries(connectionIds),
    takeFaults: () => faults.take(),
    guard: ({ pids }) => {
      guardedPids = pids;
    },
  },
  endGuardedGateway,
);
