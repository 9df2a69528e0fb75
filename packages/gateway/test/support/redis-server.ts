import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '@redis/client';
import { freePort } from './free-port.ts';

const READY = 'Ready to accept connections';
/** `REDIS_SERVER` names another that understands the same, such as Valkey's `valkey-server`. */
const PROGRAM = process.env.REDIS_SERVER ?? '/usr/bin/redis-server';

/** Debian's redis-server is a tool tests may lack on a laptop, and must not lack in CI. */
export const hasRedis = existsSync(PROGRAM);
if (!hasRedis && process.env.CI === 'true') {
  throw new Error('redis-server is missing: run scripts/install-test-tools.sh');
}

export interface RedisProcess {
  readonly port: number;
  readonly url: string;
  /** `kill -9`, as it would be by the system. Resolves when it has ended. */
  kill(): Promise<void>;
  /** Again on the same port, with what it had written to disk. */
  restart(): Promise<void>;
  /** Freezes it, or lets it go on: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
  command(...command: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** A server of its own on a free port of this machine. `options` as in redis.conf, one a string. */
export async function startRedis(
  options: readonly string[] = [],
  wanted?: number,
): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-redis-'));
  const port = wanted ?? (await freePort());
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const argv = [...own, ...options];
  let child = await launch(argv, READY);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill: () => kill(child),
    async restart() {
      child = await launch(argv, READY);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    command: (...command) => commandTo(port, command),
    async stop() {
      await kill(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface SentinelProcess {
  readonly port: number;
  /** From now on a master that is silent for half a second is given up. */
  loseItsPatience(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A sentinel that decides, with so many others that agree, who is the master of this name: at first, the
 * server on `redisPort`. On a machine that is busy anyone may be silent for seconds: nobody is given up for
 * that, until it is told to.
 */
export async function startSentinel(
  name: string,
  redisPort: number,
  quorum = 1,
): Promise<SentinelProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-redis-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${redisPort} ${quorum}`,
    `sentinel down-after-milliseconds ${name} 600000`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = await launch([file, '--sentinel'], '+monitor master');
  return {
    port,
    async loseItsPatience() {
      await commandTo(port, ['SENTINEL', 'SET', name, 'down-after-milliseconds', '500']);
    },
    async stop() {
      await kill(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One command to whatever listens on this port, over a connection of its own. */
export async function commandTo(port: number, command: readonly string[]): Promise<unknown> {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.sendCommand([...command]);
  } finally {
    client.destroy();
  }
}

function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  return ended;
}

function launch(argv: readonly string[], isReady: string): Promise<ChildProcess> {
  const child = spawn(PROGRAM, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`redis-server ended:\n${said.join('\n')}`));
    child.once('exit', fail);
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      if (!line.includes(isReady)) return;
      child.off('exit', fail);
      resolve(child);
    });
  });
}
