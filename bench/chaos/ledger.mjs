/**
 * What was asked, what was answered and what arrived, entry by entry, so that at the end it can be said
 * what is missing. Times are milliseconds since the ledger was opened.
 */

/**
 * @typedef {object} ConnectionRow one handshake, whether or not it became a connection
 * @property {string} key the client's own name for it, told to the backend in the query
 * @property {string} node where it connected
 * @property {string | undefined} connectionId as the backend was told at `$connect`
 * @property {number | undefined} openedAt the client saw the 101
 * @property {number | undefined} closedAt
 * @property {number | undefined} closeCode as the client saw it
 * @property {boolean} isDeaf the client wrote when the connection was broken already; Node.js then reads
 *   nothing more, not even what has come before it broke
 * @property {Telling[]} told what the backend heard of its end, attempts it failed on purpose included
 */

/**
 * @typedef {object} Telling
 * @property {number} at
 * @property {number} code
 * @property {boolean} isRetry whether it was marked as one
 * @property {boolean} isTaken whether the backend answered 2xx
 */

/**
 * @typedef {object} PushRow
 * @property {string} key of the connection
 * @property {number} status HTTP status; 0 when there was no answer
 * @property {boolean} hasArrived
 * @property {number} at
 */

/**
 * @typedef {object} MessageRow
 * @property {string} key
 * @property {boolean} isSeen by the backend
 * @property {boolean} isAnswered the client has the reply
 */

export class Ledger {
  /** @type {Map<string, ConnectionRow>} */
  connections = new Map();
  /** @type {Map<string, ConnectionRow>} */
  #byId = new Map();
  /** @type {Map<string, Telling[]>} ends of connections that nobody has asked about so far, by id */
  strangers = new Map();
  /** @type {Map<string, PushRow>} */
  pushes = new Map();
  /** @type {Map<string, MessageRow>} */
  messages = new Map();
  /** Somebody was silent for so long that others gave up clients that were still connected. */
  mayBeEarly = false;
  /** @type {string[]} what should never happen */
  faults = [];
  #startedAt = performance.now();

  now() {
    return Math.round(performance.now() - this.#startedAt);
  }

  /**
   * @param {string} key
   * @param {string} node
   */
  dial(key, node) {
    /** @type {ConnectionRow} */
    const row = {
      key,
      node,
      connectionId: undefined,
      openedAt: undefined,
      closedAt: undefined,
      closeCode: undefined,
      isDeaf: false,
      told: [],
    };
    this.connections.set(key, row);
    return row;
  }

  /**
   * @param {string} key
   * @param {string} connectionId
   */
  asked(key, connectionId) {
    const row = this.connections.get(key);
    if (!row) return this.#fault(`$connect for an unknown client ${key}`);
    if (this.#byId.has(connectionId)) this.#fault(`the id ${connectionId} was given twice`);
    row.connectionId = connectionId;
    // Two calls come over two connections, and the second may be read first.
    row.told.push(...(this.strangers.get(connectionId) ?? []));
    this.strangers.delete(connectionId);
    this.#byId.set(connectionId, row);
  }

  /**
   * @param {string} connectionId
   * @param {Omit<Telling, 'at'>} telling
   */
  told(connectionId, telling) {
    const known = this.#byId.get(connectionId)?.told ?? this.strangers.get(connectionId) ?? [];
    known.push({ at: this.now(), ...telling });
    if (!this.#byId.has(connectionId)) this.strangers.set(connectionId, known);
  }

  /** @param {string} connectionId */
  isToldBefore(connectionId) {
    return this.strangers.has(connectionId) || !!this.#byId.get(connectionId)?.told.length;
  }

  /** @param {string} fault */
  #fault(fault) {
    if (this.faults.length < 20) this.faults.push(fault);
  }
}
