import { ClientSocket } from '../load/client-socket.mjs';
import { nowMicros } from '../measure/clock.mjs';
import { summarizeLatencies } from '../measure/percentiles.mjs';
import { encodeFrame, OPCODE } from '../wire/frames.mjs';

/**
 * Clients that behave: each sends a message every two seconds, one at a time, and counts the replies.
 */

const INTERVAL_MILLIS = 2000;
const OPENED_AT_ONCE = 50;
const FRAME = encodeFrame(OPCODE.text, Buffer.from('{"action":"honest"}'));

/**
 * @typedef {object} Served
 * @property {number} sent
 * @property {number} answered
 * @property {number} lost connections that ended
 * @property {import('../measure/percentiles.mjs').LatencySummary | null} latency
 */

export class HonestClients {
  /** @type {ClientSocket[]} */
  #sockets = [];
  /** When the message under way was sent, by socket; 0 where none is. */
  #sentAt = new Float64Array(0);
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #next = 0;
  #sent = 0;
  #lost = 0;
  /** @type {number[]} */
  #latencies = [];

  /**
   * @param {import('../load/client-socket.mjs').Address} address
   * @param {number} count
   */
  async open(address, count) {
    this.#sentAt = new Float64Array(count);
    for (let first = 0; first < count; first += OPENED_AT_ONCE) {
      const group = Array.from({ length: Math.min(OPENED_AT_ONCE, count - first) }, (_, offset) => {
        const index = first + offset;
        const socket = new ClientSocket(address, {
          onText: () => this.#answered(index),
          onFault: () => {
            this.#lost += 1;
          },
        });
        this.#sockets[index] = socket;
        return socket.open();
      });
      await Promise.all(group);
    }
    const step = Math.max(1, Math.round(count / 100));
    this.#timer = setInterval(() => this.#send(step), INTERVAL_MILLIS / 100);
  }

  /** Begins to count anew. */
  reset() {
    this.#sent = 0;
    this.#lost = 0;
    this.#latencies = [];
    this.#sentAt.fill(0);
  }

  /** @returns {Served} since the last `reset` */
  served() {
    const latencies = Float64Array.from(this.#latencies);
    return {
      sent: this.#sent,
      answered: latencies.length,
      lost: this.#lost,
      latency: latencies.length === 0 ? null : summarizeLatencies(latencies),
    };
  }

  close() {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }

  /** @param {number} count */
  #send(count) {
    for (let left = count; left > 0; left -= 1) {
      const index = this.#next;
      this.#next = (this.#next + 1) % this.#sockets.length;
      if (this.#sentAt[index] !== 0) continue;
      this.#sentAt[index] = nowMicros();
      this.#sent += 1;
      this.#sockets[index].write(FRAME);
    }
  }

  /** @param {number} index */
  #answered(index) {
    if (this.#sentAt[index] === 0) return;
    this.#latencies.push(nowMicros() - this.#sentAt[index]);
    this.#sentAt[index] = 0;
  }
}
