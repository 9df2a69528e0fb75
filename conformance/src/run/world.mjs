import { fillAll } from '../match/placeholders.mjs';
import { Arrivals } from '../wire/arrivals.mjs';
import { headerMap } from '../wire/http-head.mjs';

/**
 * What one case has to do with: its variables, its sockets, what its backend and its functions have
 * received, and what they answer next.
 */

/**
 * @typedef {import('../servers/recording-backend.mjs').BackendRequest} BackendRequest
 * @typedef {import('../servers/lambda-endpoint.mjs').Invocation} Invocation
 */

/**
 * @typedef {object} Target an endpoint and how to speak to it
 * @property {URL} controlUrl
 * @property {string} region
 * @property {import('../wire/sign.mjs').Credentials} credentials
 * @property {Record<string, import('../wire/sign.mjs').Credentials>} users further callers, by name
 * @property {Set<string>} offers which of the needs it fulfils
 * @property {string} backendUrl where the endpoint reaches the recording backend
 * @property {number} patienceMillis how long anything may take
 * @property {number} quietMillis how long nothing must come for "none"
 * @property {number} settleMillis how long a deployment takes to be in force
 */

export class World {
  /** @type {import('../match/placeholders.mjs').Variables} */
  variables = new Map();
  /** @type {Map<string, import('../wire/web-socket.mjs').ClientSocket>} */
  sockets = new Map();
  /** The client whose handshake is under way. */
  connecting = '';
  /** Where clients connect, without the stage: `apiEndpoint` of the API. */
  endpoint = new URL('ws://unknown.invalid');
  apiId = '';
  stage = '';
  /** @type {Map<string, Arrivals<BackendRequest>>} */
  #requests = new Map();
  /** @type {Map<string, Arrivals<Invocation>>} */
  #events = new Map();
  /** @type {Map<string, any[]>} */
  #answers = new Map();
  /** @type {Map<string, any[]>} */
  #functions = new Map();
  /** @type {(steps: any[]) => Promise<void>} */
  #runSteps;
  /** What went wrong while a backend's or a function's own steps ran. */
  /** @type {unknown} */
  failure;

  /**
   * @param {string} key names this case in URLs and function names
   * @param {Target} target
   * @param {(steps: any[]) => Promise<void>} runSteps
   */
  constructor(key, target, runSteps) {
    this.key = key;
    this.target = target;
    this.#runSteps = runSteps;
  }

  /** @param {string} path */
  requests(path) {
    return arrivals(this.#requests, path);
  }

  /** @param {string} functionName */
  events(functionName) {
    return arrivals(this.#events, functionName);
  }

  /** @param {Record<string, any>} answers one, or a list of which the last one stays */
  setAnswers(answers) {
    for (const [path, answer] of Object.entries(answers)) this.#answers.set(path, [answer].flat());
  }

  /** @param {Record<string, any>} functions */
  setFunctions(functions) {
    for (const [name, answer] of Object.entries(functions)) {
      this.#functions.set(name, [answer].flat());
    }
  }

  /** @param {BackendRequest} request */
  async onRequest(request) {
    this.#learnConnectionId(headerMap(request.rawHeaders).connectionid);
    this.requests(request.path).add(request);
    return this.#answer(this.#answers.get(request.path));
  }

  /** @param {Invocation} invocation */
  async onInvocation(invocation) {
    this.#learnConnectionId(connectionIdOf(invocation.payload));
    this.events(invocation.functionName).add(invocation);
    return this.#answer(this.#functions.get(invocation.functionName));
  }

  /** Ends every socket, politely or not. */
  close() {
    for (const socket of this.sockets.values()) socket.drop();
  }

  /** @param {any[] | undefined} answers */
  async #answer(answers) {
    const answer = (answers && answers.length > 1 ? answers.shift() : answers?.[0]) ?? {};
    const { steps, ...rest } = answer;
    try {
      if (steps) await this.#runSteps(steps);
      return fillAll(rest, this.variables);
    } catch (error) {
      this.failure ??= error;
      return {};
    }
  }

  /** @param {string | undefined} connectionId */
  #learnConnectionId(connectionId) {
    if (connectionId === undefined || this.connecting === '') return;
    this.variables.set(idVariable(this.connecting), connectionId);
  }
}

/** The variable that holds a client's connectionId; `client` is the one without a name. */
export function idVariable(/** @type {string} */ client) {
  return client === 'client' ? 'connectionId' : `connectionId ${client}`;
}

/** @param {string} payload */
function connectionIdOf(payload) {
  try {
    const connectionId = JSON.parse(payload)?.requestContext?.connectionId;
    return typeof connectionId === 'string' ? connectionId : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @template T
 * @param {Map<string, Arrivals<T>>} map
 * @param {string} key
 */
function arrivals(map, key) {
  const existing = map.get(key);
  if (existing) return existing;
  /** @type {Arrivals<T>} */
  const created = new Arrivals();
  map.set(key, created);
  return created;
}
