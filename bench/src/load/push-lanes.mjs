import { connect } from 'node:net';
import { AnswerReader } from '../wire/answers.mjs';
import { assertLoopback } from '../wire/loopback.mjs';

/**
 * The HTTP side of the push scenario: keep-alive connections that send prepared requests and read
 * the answers. Opened for each phase, because a server may close what was idle between two. A server
 * whose answer ends the connection gets a new one for each request.
 */

const CONNECT_MILLIS_MAX = 30_000;
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/**
 * @typedef {object} PushLaneEvents
 * @property {string} success how the head of a good answer begins
 * @property {boolean} [closesAfterAnswer] whether the server ends the connection with each answer
 * @property {(lane: number) => void} onAnswered called for every answer
 * @property {(kind: string, sample: string) => void} onFault
 */

export class PushLanes {
  #events;
  #requests;
  #host = '';
  /** @type {readonly number[]} */
  #ports = [];
  /** @type {import('node:net').Socket[]} */
  #sockets = [];
  #closing = false;

  /**
   * @param {readonly (readonly Buffer[])[]} requests one per slot; a set for each port, or one for all
   * @param {PushLaneEvents} events
   */
  constructor(requests, events) {
    this.#requests = requests;
    this.#events = events;
  }

  /** @param {{ host: string, ports: readonly number[], lanes: number }} address */
  async open({ host, ports, lanes }) {
    assertLoopback(host);
    this.#host = host;
    this.#ports = ports;
    if (this.#events.closesAfterAnswer) return;
    this.#sockets = await Promise.all(
      Array.from({ length: lanes }, (_, lane) => this.#openLane(lane)),
    );
  }

  /**
   * @param {number} lane
   * @param {number} slot
   */
  send(lane, slot) {
    if (this.#events.closesAfterAnswer) this.#sendAlone(lane, slot);
    else this.#sockets[lane].write(this.#requests[lane % this.#requests.length][slot]);
  }

  close() {
    this.#closing = true;
    for (const socket of this.#sockets) socket?.destroy();
  }

  /**
   * One request on a connection of its own, which ends with the answer.
   *
   * @param {number} lane
   * @param {number} slot
   */
  #sendAlone(lane, slot) {
    let isGood = false;
    const socket = connect({ ...this.#addressOf(lane), noDelay: true });
    this.#sockets[lane] = socket;
    socket.write(this.#requests[lane % this.#requests.length][slot]);
    socket.on('data', (bytes) => {
      const { success, onFault } = this.#events;
      isGood = bytes.toString('latin1', 0, success.length) === success;
      if (!isGood) onFault('answer to a push', bytes.toString('latin1'));
      socket.destroy();
    });
    socket.on('error', (error) => {
      if (!this.#closing) this.#events.onFault('HTTP connection error', error.message);
    });
    socket.once('close', () => {
      if (this.#closing) return;
      if (!isGood) this.#events.onFault('a push without a good answer', '');
      this.#events.onAnswered(lane);
    });
  }

  /** @param {number} lane */
  #addressOf(lane) {
    return { host: this.#host, port: this.#ports[lane % this.#ports.length] };
  }

  /**
   * @param {number} lane
   * @returns {Promise<import('node:net').Socket>}
   */
  #openLane(lane) {
    const answers = new AnswerReader(this.#events.success, (isGood, bytes, start, end) => {
      if (!isGood) {
        const text = bytes.toString('latin1', start, end);
        this.#events.onFault(text.split('\r\n', 1)[0] ?? '', text);
      }
      this.#events.onAnswered(lane);
    });
    return new Promise((resolve, reject) => {
      const socket = connect({
        ...this.#addressOf(lane),
        noDelay: true,
        onread: {
          buffer: READ_BUFFER,
          callback: (length) => {
            try {
              answers.push(READ_BUFFER, length);
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
