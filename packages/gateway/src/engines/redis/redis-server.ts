/** Redis as the parts of this engine use it: scripts that run whole, and messages. */
import { createHash } from 'node:crypto';
import { EngineUnavailable } from '../engine-unavailable.ts';
import { describeRedisAddress, parseRedisAddress } from './address.ts';
import { type Argument, type Driver, loadDriver } from './driver.ts';

export interface Script {
  readonly source: string;
  readonly sha1: string;
}

/** Lua that Redis runs without anything in between. */
export function script(source: string): Script {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

/** Sentinels that know of no such master are asked again and again. */
const CONNECT_MILLIS = 5000;
/** A server that does not answer by then is out of reach, whatever its connection says. */
const COMMAND_MILLIS = 3000;
/** Answers by which a server says that it cannot serve now; any other is a mistake of ours. */
const UNAVAILABLE =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|UNKILLABLE)\b/;

export class RedisServer {
  readonly #url: string;
  readonly #prefix: string;
  #driver: Driver | undefined;

  /** Throws a sentence when the address makes no sense. */
  constructor(url: string) {
    this.#url = url;
    const { prefix, database, kind } = parseRedisAddress(url);
    // Channels know no databases.
    this.#prefix = kind === 'cluster' || database === 0 ? prefix : `${prefix}:${database}`;
  }

  async connect(): Promise<void> {
    const driver = await loadDriver({
      address: parseRedisAddress(this.#url),
      // Whoever asks meanwhile is told; here it would only be said again and again.
      failed: () => {},
    });
    try {
      await inTime(driver.connect(), CONNECT_MILLIS);
    } catch (error) {
      await driver.close();
      throw new Error(
        `Cannot reach Redis at ${this}: ${causeOf(error)}. ` +
          'See that it runs and is reached from here, or correct --engine.',
        { cause: error },
      );
    }
    this.#driver = driver;
  }

  /** A key of the state all nodes share: the braces keep it on one server of a cluster. */
  key(name: string): string {
    return `{${this.#prefix}}:${name}`;
  }

  /** Channels of a cluster are spread over its servers. */
  channel(name: string): string {
    return `${this.#prefix}:${name}`;
  }

  run(
    { source, sha1 }: Script,
    names: readonly string[],
    args: readonly Argument[] = [],
  ): Promise<unknown> {
    const keys = names.map((name) => this.key(name));
    const rest = [String(keys.length), ...keys, ...args];
    return this.#guarded(async (driver) => {
      try {
        return await driver.send(keys[0]!, ['EVALSHA', sha1, ...rest]);
      } catch (error) {
        if (!(error as Error).message?.startsWith('NOSCRIPT')) throw error;
        return driver.send(keys[0]!, ['EVAL', source, ...rest]);
      }
    });
  }

  /** How many listened, where that is known. */
  publish(channel: string, message: Buffer): Promise<number | undefined> {
    return this.#guarded((driver) => driver.publish(channel, message));
  }

  subscribe(channel: string, listener: (message: Buffer) => void): Promise<void> {
    return this.#guarded((driver) => driver.subscribe(channel, listener));
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#guarded((driver) => driver.unsubscribe(channel));
  }

  async close(): Promise<void> {
    const driver = this.#driver;
    this.#driver = undefined;
    await driver?.close();
  }

  /** The address without its password. */
  toString(): string {
    return describeRedisAddress(this.#url);
  }

  /** Rejects with `EngineUnavailable` for whatever is the matter with the server and not with us. */
  async #guarded<T>(ask: (driver: Driver) => Promise<T>): Promise<T> {
    const driver = this.#driver;
    if (!driver) throw new EngineUnavailable('The redis engine is not running');
    try {
      return await inTime(ask(driver), COMMAND_MILLIS);
    } catch (error) {
      if (driver.isErrorReply(error) && !UNAVAILABLE.test(error.message)) throw error;
      throw new EngineUnavailable(`Redis cannot be reached: ${causeOf(error)}`, { cause: error });
    }
  }
}

async function inTime<T>(promise: Promise<T>, millis: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not answer')), millis);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function causeOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // Several addresses of one name were tried: the message is empty then.
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  return message || code || String(error);
}
