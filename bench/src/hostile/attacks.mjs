import { deflateRawSync } from 'node:zlib';
import { Crowd, flood, frame, handshakeText } from './wire.mjs';

/** What hostile clients do, each for as long as it is let. */

const PING = 9;
const CONTINUATION = 0;
const PIECE_MILLIS = 100;

/** @typedef {import('./wire.mjs').Target} Target */
/** @typedef {import('node:net').Socket} Socket */

/**
 * @typedef {object} Attack
 * @property {string} name
 * @property {string} title for the table
 * @property {number} connections
 * @property {(socket: Socket, target: Target) => void} act on each connection
 */

const bomb = frame(deflateRawSync(Buffer.alloc(31 * 1024 * 1024), { level: 9 }), { rsv1: true });
const deep = frame(`${'['.repeat(15_000)}${']'.repeat(15_000)}`);
const emptyPieces = Buffer.concat([
  frame('', { fin: false }),
  ...Array.from({ length: 1023 }, () => frame('', { fin: false, opcode: CONTINUATION })),
]);
const pings = Buffer.concat(
  Array.from({ length: 500 }, () => frame('p'.repeat(125), { opcode: PING })),
);
const longest = frame('x'.repeat(32_768));
const manyHeaders = Array.from({ length: 2500 }, (_, number) => `A${number}: b`);
const DEFLATE = ['Sec-WebSocket-Extensions: permessage-deflate'];

/**
 * Answers `reading` decides whether anything is read.
 *
 * @param {(socket: Socket) => void} act once the handshake is answered
 * @param {{ lines?: readonly string[], isReading?: boolean }} [options]
 * @returns {Attack['act']}
 */
function connected(act, { lines = [], isReading = true } = {}) {
  return (socket, target) => {
    socket.once('data', () => {
      if (isReading) socket.resume();
      else socket.pause();
      act(socket);
    });
    socket.write(handshakeText(target, lines));
  };
}

/** @type {readonly Attack[]} */
export const ATTACKS = [
  {
    name: 'none',
    title: 'nobody',
    connections: 0,
    act() {},
  },
  {
    name: 'half-handshakes',
    title: 'handshakes that stop in the middle',
    connections: 2000,
    act: (socket, target) => socket.write(handshakeText(target).slice(0, 60)),
  },
  {
    name: 'handshakes',
    title: 'handshakes, and gone at once',
    connections: 100,
    act: connected((socket) => socket.destroy()),
  },
  {
    name: 'header-flood',
    title: '2,500 headers in a handshake',
    connections: 50,
    act(socket, target) {
      socket.resume();
      socket.end(handshakeText(target, manyHeaders));
    },
  },
  {
    name: 'slow-writers',
    title: 'a message byte by byte',
    connections: 500,
    act: connected((socket) => {
      const bytes = longest;
      let at = 0;
      const timer = setInterval(() => {
        socket.write(bytes.subarray(at, at + 1));
        at = (at + 1) % bytes.length;
      }, PIECE_MILLIS);
      socket.on('close', () => clearInterval(timer));
    }),
  },
  {
    name: 'unfinished',
    title: '96 KB of a message that never ends',
    connections: 500,
    act: connected((socket) => {
      const piece = 'x'.repeat(32_768);
      socket.write(frame(piece, { fin: false }));
      socket.write(frame(piece, { fin: false, opcode: CONTINUATION }));
      socket.write(frame(piece, { fin: false, opcode: CONTINUATION }));
    }),
  },
  {
    name: 'slow-readers',
    title: 'pushed to, and never reading',
    connections: 50,
    act: connected((socket) => socket.write(frame('{"action":"push me"}')), { isReading: false }),
  },
  {
    name: 'tiny-fragments',
    title: '1,024 fragments without a byte',
    connections: 50,
    act: connected((socket) => flood(socket, emptyPieces)),
  },
  {
    name: 'ping-flood',
    title: 'pings, no pong read',
    connections: 20,
    act: connected((socket) => flood(socket, pings), { isReading: false }),
  },
  {
    name: 'message-flood',
    title: 'messages of 32 KB, no reply read',
    connections: 20,
    act: connected((socket) => flood(socket, longest), { isReading: false }),
  },
  {
    name: 'bombs',
    title: '31 KB that inflate to 31 MB',
    connections: 50,
    act: connected((socket) => socket.write(bomb), { lines: DEFLATE }),
  },
  {
    name: 'deep-json',
    title: 'JSON 15,000 deep',
    connections: 20,
    act: connected((socket) => flood(socket, deep)),
  },
  {
    name: 'unread-answers',
    title: 'requests, no answer read',
    connections: 20,
    act(socket, { host, port, path }) {
      const line =
        `POST ${path}/@connections/AAAAAAAAAAAAAAAAAA%3D%3D HTTP/1.1\r\n` +
        `Host: ${host}:${port}\r\nContent-Length: 0\r\nX-Pad: `;
      const request = `${line}${'x'.repeat(252 - line.length)}\r\n\r\n`;
      socket.pause();
      flood(socket, request.repeat(64));
    },
  },
];

/**
 * @param {string} name
 * @param {Target} target
 * @returns {Crowd}
 */
export function begin(name, target) {
  const attack = ATTACKS.find((one) => one.name === name);
  if (attack === undefined) throw new Error(`no attack ${name}`);
  return new Crowd(target, attack.connections, (socket) => attack.act(socket, target));
}
