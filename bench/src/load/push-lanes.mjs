import { connect } from 'node:net';
import { HttpMessageReader } from '../wire/http-messages.mjs';
import { assertLoopback } from '../wire/loopback.mjs';

/**
 * The HTTP side of the push scenario: keep-alive connections that send prepared requests and read
 * the answers. Opened for each phase, because a server may close what was idle between two.
 */

const CONNECT_MILLIS_MAX = 5_000;
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/**
 * @typedef {object} PushLaneEvents
 * @property {string} success how the head of a good answer begins
 * @property {(lane: number) => void} onAnswered called for every answer
 * @property {(kind: string, sample: string) => void} onFault
 */

export class PushLanes {
  #events;
  #requests;
  /** @type {import('node:net').Socket[]} */
  #sockets = [];
  #closing = false;

  /**
   * @param {readonly Buffer[]} requests one per slot
   * @param {PushLaneEvents} events
   */
  constructor(requests, events) {
    this.#requests = requests;
    this.#events = events;
  }

  /** @param {{ host: string, port: number, lanes: number }} address */
  async open({ host, port, lanes }) {
    assertLoopback(host);
    this.#sockets = await Promise.all(
      Array.from({ length: lanes }, (_, lane) => this.#openLane(host, port, lane)),
    );
  }

  /**
   * @param {number} lane
   * @param {number} slot
   */
  send(lane, slot) {
    this.#sockets[lane].write(this.#requests[slot]);
  }

  close() {
    this.#closing = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * @param {string} host
   * @param {number} port
   * @param {number} lane
   * @returns {Promise<import('node:net').Socket>}
   */
  #openLane(host, port, lane) {
    const answers = new HttpMessageReader((head, bytes, start, end) => {
      if (head.startsWith(this.#events.success)) {
        this.#events.onAnswered(lane);
      } else {
        const status = head.split('\r\n', 1)[0] ?? '';
        this.#events.onFault(status, `${head}\n${bytes.toString('latin1', start, end)}`);
        this.#events.onAnswered(lane);
      }
    });
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port,
        noDelay: true,
        onread: {
          buffer: READ_BUFFER,
          callback: (length) => {
            try {
              answers.push(READ_BUFFER.subarray(0, length));
            } catch (error) {
              this.#events.onFault('unreadable answer', String(error));
              socket.destroy();
            }
            return true;
          },
        },
      });
      socket.setTimeout(CONNECT_MILLIS_MAX, () => socket.destroy(new Error('connect too slow')));
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve(socket);
      });
      socket.on('error', (error) => {
        if (!this.#closing) this.#events.onFault('HTTP connection error', error.message);
        reject(error);
      });
      socket.once('close', () => {
        if (!this.#closing) this.#events.onFault('HTTP connection closed', '');
        reject(new Error('HTTP connection closed'));
      });
    });
  }
}
