import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import { createSigner, uriEncode } from '../src/wire/sigv4.mjs';

/**
 * Clients that stay connected, send messages and read; and a backend's pushes to them through whichever
 * node. At a steady rate, whatever becomes of the gateway.
 */

export const STAGE = 'production';
export const CREDENTIALS = Object.freeze({
  accessKeyId: 'AKIAPOSTERNCHAOS0001',
  secretAccessKey: 'chaos-secret',
  region: 'us-east-1',
  service: 'execute-api',
});

const TICK_MILLIS = 20;
const PUSH_MILLIS_MAX = 20_000;
const DIAL_MILLIS_MAX = 15_000;
/** Dials of one client at once: a node that comes back is not to be drowned by the test itself. */
const DIALS_AT_ONCE = 200;
const RETURN_MILLIS_MAX = 2000;

/**
 * @typedef {object} Client
 * @property {number} number
 * @property {number} life how often it has connected
 * @property {WebSocket | undefined} socket
 * @property {import('./ledger.mjs').ConnectionRow | undefined} row
 */

export class Load {
  #ledger;
  #nodes;
  #rates;
  /** @type {Client[]} */
  #clients = [];
  /** @type {Client[]} those that are connected */
  #open = [];
  #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  /** @type {Map<number, number>} by close code, since the last tally */
  #ended = new Map();
  #dialling = 0;
  /** @type {(() => void)[]} */
  #waitingToDial = [];
  #isReturning = true;
  #pushes = 0;
  #messages = 0;
  #pending = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #signedAt = 0;
  /** @type {ReturnType<typeof createSigner> | undefined} */
  #sign;

  /**
   * @param {import('./ledger.mjs').Ledger} ledger
   * @param {readonly import('./gateway-node.mjs').GatewayNode[]} nodes
   * @param {{ pushesPerSecond: number, messagesPerSecond: number }} rates
   */
  constructor(ledger, nodes, rates) {
    this.#ledger = ledger;
    this.#nodes = nodes;
    this.#rates = rates;
  }

  get connected() {
    return this.#open.length;
  }

  /** How many are connected, and what ended since it was last asked. */
  tally() {
    const ended = [...this.#ended].map(([code, count]) => `${count} ended with ${code}`);
    this.#ended.clear();
    return [`${this.connected} clients are connected`, ...ended].join(', ');
  }

  /** @param {number} count */
  async connect(count) {
    this.#clients = Array.from({ length: count }, (_, number) => ({
      number,
      life: 0,
      socket: undefined,
      row: undefined,
    }));
    await Promise.all(this.#clients.map((client) => this.#dial(client)));
  }

  /**
   * So many clients leave, and come back as soon as they are let in.
   *
   * @param {number} count
   */
  churn(count) {
    for (const { socket } of this.#open.slice(0, count)) socket?.close(1000, 'back soon');
  }

  /** Begins to push and to send. */
  start() {
    const startedAt = performance.now();
    let pushed = 0;
    let sent = 0;
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - startedAt) / 1000;
      for (; pushed < seconds * this.#rates.pushesPerSecond; pushed += 1) this.#push();
      for (; sent < seconds * this.#rates.messagesPerSecond; sent += 1) this.#send();
    }, TICK_MILLIS);
  }

  /** No further push, message or dial; resolves when what is under way has been answered. */
  async quiet() {
    clearInterval(this.#timer);
    this.#isReturning = false;
    while (this.#pending > 0 || this.#dialling > 0) await pause(50);
    // What was answered 200 is on its way to its client.
    await pause(1500);
  }

  /** Every client leaves; resolves when all are gone. */
  async leave() {
    const left = [...this.#open];
    for (const { socket } of left) socket?.close(1000, 'done');
    const until = performance.now() + 30_000;
    while (this.#open.length > 0 && performance.now() < until) await pause(50);
    this.#agent.destroy();
  }

  /** @param {Client} client */
  async #dial(client) {
    while (this.#isReturning) {
      const node = this.#anyNode();
      if (node) {
        await this.#turn();
        const isOpen = await this.#handshake(client, node);
        this.#dialling -= 1;
        this.#waitingToDial.shift()?.();
        if (isOpen) return;
      }
      await pause(200 + Math.random() * 800);
    }
  }

  async #turn() {
    while (this.#dialling >= DIALS_AT_ONCE) {
      await new Promise((resolve) => this.#waitingToDial.push(() => resolve(undefined)));
    }
    this.#dialling += 1;
  }

  #anyNode() {
    const running = this.#nodes.filter((node) => node.isRunning);
    return running[Math.floor(Math.random() * running.length)];
  }

  /**
   * @param {Client} client
   * @param {import('./gateway-node.mjs').GatewayNode} node
   * @returns {Promise<boolean>}
   */
  #handshake(client, node) {
    client.life += 1;
    const key = `${client.number}.${client.life}`;
    const row = this.#ledger.dial(key, node.name);
    const socket = new WebSocket(`ws://${node.host}:${node.port}/${STAGE}?key=${key}`, {
      perMessageDeflate: false,
      handshakeTimeout: DIAL_MILLIS_MAX,
    });
    return new Promise((resolve) => {
      let isOpen = false;
      socket.on('open', () => {
        isOpen = true;
        row.openedAt = this.#ledger.now();
        client.socket = socket;
        client.row = row;
        this.#open.push(client);
        resolve(true);
      });
      socket.on('message', (data) => this.#received(String(data)));
      socket.on('error', () => {});
      socket.on('close', (code) => {
        if (!isOpen) return resolve(false);
        row.closedAt = this.#ledger.now();
        row.closeCode = code;
        this.#ended.set(code, (this.#ended.get(code) ?? 0) + 1);
        client.socket = undefined;
        client.row = undefined;
        this.#open.splice(this.#open.indexOf(client), 1);
        if (this.#isReturning) {
          setTimeout(() => void this.#dial(client), Math.random() * RETURN_MILLIS_MAX);
        }
      });
    });
  }

  /** @param {string} text */
  #received(text) {
    if (text.startsWith('push ')) {
      const row = this.#ledger.pushes.get(text);
      if (row) row.hasArrived = true;
      return;
    }
    const row = this.#ledger.messages.get(text);
    if (row) row.isAnswered = true;
  }

  #someone() {
    return this.#open[Math.floor(Math.random() * this.#open.length)];
  }

  #send() {
    const client = this.#someone();
    if (!client?.row || client.socket?.readyState !== WebSocket.OPEN) return;
    this.#messages += 1;
    const text = `message ${this.#messages}`;
    this.#ledger.messages.set(text, { key: client.row.key, isSeen: false, isAnswered: false });
    const { row } = client;
    client.socket.send(text, (error) => {
      if (error) row.isDeaf = true;
    });
  }

  #push() {
    const client = this.#someone();
    const running = this.#nodes.filter((node) => node.isRunning);
    const node = running[this.#pushes % Math.max(1, running.length)];
    const row = client?.row;
    if (!row?.connectionId || !node) return;
    this.#pushes += 1;
    const text = `push ${this.#pushes}`;
    const entry = { key: row.key, status: 0, hasArrived: false, at: this.#ledger.now() };
    this.#ledger.pushes.set(text, entry);
    this.#pending += 1;
    const path = `/${STAGE}/@connections/${uriEncode(row.connectionId)}`;
    const host = `${node.host}:${node.port}`;
    const body = Buffer.from(text);
    const { amzDate, authorization } = this.#signer()({ method: 'POST', host, path, body });
    const headers = {
      host,
      'x-amz-date': amzDate,
      authorization,
      'content-length': body.length,
    };
    const agent = this.#agent;
    const call = request(
      { host: node.host, port: node.port, method: 'POST', path, headers, agent },
      (response) => {
        entry.status = response.statusCode ?? 0;
        response.resume();
      },
    );
    call.setTimeout(PUSH_MILLIS_MAX, () => call.destroy());
    call.on('error', () => {});
    call.on('close', () => {
      this.#pending -= 1;
    });
    call.end(body);
  }

  /** A signature's date may be five minutes off. */
  #signer() {
    if (!this.#sign || performance.now() - this.#signedAt > 30_000) {
      this.#signedAt = performance.now();
      this.#sign = createSigner(CREDENTIALS, new Date());
    }
    return this.#sign;
  }
}

/** @param {number} millis */
export function pause(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
