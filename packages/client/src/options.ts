import { systemTimers, type Timers } from './timers.ts';
import type { WebSocketConstructor } from './web-socket.ts';

export interface ClientOptions {
  /** Where to connect, such as `wss://{api}.execute-api.{region}.amazonaws.com/{stage}`. */
  readonly url: string | (() => string | Promise<string>);
  /** Appended to the URL's query. A function is called anew for each attempt and each ping. */
  readonly token?: string | (() => string | Promise<string>);
  /** Name of the query parameter that carries the token. */
  readonly tokenParameter?: string;
  /** Sub-protocols to offer. */
  readonly protocols?: string | string[];
  /** The class to connect with, where there is no global one. */
  readonly WebSocket?: WebSocketConstructor;
  /** First delay before connecting again, doubled each time. */
  readonly reconnectDelayMs?: number;
  /** Longest delay before connecting again. */
  readonly reconnectDelayMaxMs?: number;
  /** Part of each delay, 0 to 1, that chance may take away. */
  readonly jitter?: number;
  /** How long an attempt may take, from fetching the token to the gateway's answer. */
  readonly connectTimeoutMs?: number;
  /** Failed attempts in a row that are retried before the first success; one more stops. */
  readonly authFailuresMax?: number;
  /** Silence after which pings are sent; `Infinity` for never. */
  readonly silenceTimeoutMs?: number;
  /** How often silence is checked for. */
  readonly silenceCheckIntervalMs?: number;
  /** What to send into silence, in place of `{ action: 'ping', token }`. */
  readonly ping?: () => unknown;
  readonly timers?: Timers;
  /** A number from 0 to below 1, for jitter. */
  readonly random?: () => number;
}

/** Numbers are the setup guide's; the connect timeout is a second above the gateway's own limit. */
export const DEFAULTS = Object.freeze({
  tokenParameter: 'token',
  reconnectDelayMs: 5_000,
  reconnectDelayMaxMs: 60_000,
  jitter: 0.2,
  connectTimeoutMs: 30_000,
  authFailuresMax: 3,
  silenceTimeoutMs: 120_000,
  silenceCheckIntervalMs: 30_000,
});

export type ResolvedOptions = ClientOptions &
  Required<Pick<ClientOptions, keyof typeof DEFAULTS | 'WebSocket' | 'timers' | 'random'>>;

/** @throws TypeError naming the option that is missing or out of range. */
export function resolveOptions(given: ClientOptions): ResolvedOptions {
  const WebSocket = given.WebSocket ?? globalThis.WebSocket;
  if (!WebSocket) {
    throw new TypeError(
      'There is no global WebSocket here: pass a class as the option `WebSocket`, ' +
        "for example the one of the package `ws`: import { WebSocket } from 'ws'",
    );
  }
  if (!given.url) throw new TypeError('The option `url` is missing');
  const options = {
    ...DEFAULTS,
    timers: systemTimers,
    random: Math.random,
    ...withoutUndefined(given),
    WebSocket,
  };
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = options[name as keyof typeof RANGES];
    if (!(value >= least && value <= most)) {
      throw new TypeError(`The option \`${name}\` must be from ${least} to ${most}, not ${value}`);
    }
  }
  return Object.freeze(options);
}

/** Longest delay a timer can keep; a longer one would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

const RANGES = {
  reconnectDelayMs: [0, TIMER_MS_MAX],
  reconnectDelayMaxMs: [0, TIMER_MS_MAX],
  jitter: [0, 1],
  connectTimeoutMs: [1, TIMER_MS_MAX],
  authFailuresMax: [0, Infinity],
  silenceTimeoutMs: [0, Infinity],
  silenceCheckIntervalMs: [1, TIMER_MS_MAX],
} as const;

/** JavaScript callers write `undefined` for "the default". */
function withoutUndefined(given: ClientOptions): ClientOptions {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as ClientOptions;
}
