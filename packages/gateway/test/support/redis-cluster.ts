import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { freePort, isFree } from './free-port.ts';
import { type RedisProcess, startRedis } from './redis-server.ts';

/** Servers talk among themselves on a port that far above their own. */
const BUS_OFFSET = 10_000;

export interface RedisCluster {
  /** Of `redis+cluster://`. */
  readonly url: string;
  /**
   * The server that holds the keys of this name now, and the ports of all masters. When it is killed, the
   * others give it up after a second.
   */
  masterOf(key: string): Promise<RedisProcess>;
  masters(): Promise<number[]>;
  stop(): Promise<void>;
}

/** Three masters with a replica each, over which `redis-cli --cluster create` has spread the slots. */
export async function startCluster(): Promise<RedisCluster> {
  const servers: RedisProcess[] = [];
  for (let number = 0; number < 6; number += 1) {
    // The shorter, the sooner all know of all.
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
    const port = await portWithBus();
    servers.push(await startRedis(options, port));
  }
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'];
  await promisify(execFile)('/usr/bin/redis-cli', create);
  const alive = new Set(servers);
  const nodes = async () => {
    const [one] = alive;
    return String(await one!.command('CLUSTER', 'NODES'))
      .split('\n')
      .filter(Boolean);
  };
  const set = async (name: string, value: number) => {
    for (const one of alive) await one.command('CONFIG', 'SET', name, String(value));
  };
  await expect.poll(() => areWhole(servers)).toBe(true);
  // On a machine that is busy anyone may be silent for seconds: nobody is given up for that.
  await set('cluster-node-timeout', 600_000);
  await expect.poll(() => areWhole(servers)).toBe(true);
  const portOf = (line: string) => Number(/:(\d+)@/.exec(line)?.[1]);
  const isMaster = (line: string) => line.includes('master') && !line.includes('fail');
  return {
    url: `redis+cluster://${addresses.join(',')}`,
    async masterOf(key) {
      const [one] = alive;
      const slot = Number(await one!.command('CLUSTER', 'KEYSLOT', key));
      const line = (await nodes()).find((text) => isMaster(text) && holds(text, slot));
      const found = servers.find(({ port }) => port === portOf(line ?? ''))!;
      const { kill } = found;
      return {
        ...found,
        async kill() {
          alive.delete(found);
          await kill();
          await set('cluster-replica-validity-factor', 0);
          await set('cluster-node-timeout', 1000);
        },
      };
    },
    masters: async () => (await nodes()).filter(isMaster).map(portOf),
    async stop() {
      await Promise.all(servers.map((one) => one.stop()));
    },
  };
}

/** Whether each of them knows three masters with a replica each, and serves. */
async function areWhole(servers: readonly RedisProcess[]): Promise<boolean> {
  const views = servers.map(async (one) => {
    const nodes = String(await one.command('CLUSTER', 'NODES'));
    const state = String(await one.command('CLUSTER', 'INFO'));
    const count = (role: RegExp) => nodes.match(role)?.length ?? 0;
    return (
      state.includes('cluster_state:ok') &&
      !/fail|handshake|noaddr/.test(nodes) &&
      count(/\bmaster\b/g) === 3 &&
      count(/\bslave\b/g) === 3
    );
  });
  return (await Promise.all(views)).every(Boolean);
}

/** Whether a line of CLUSTER NODES ends in a range with this slot. */
function holds(line: string, slot: number): boolean {
  return line
    .split(' ')
    .slice(8)
    .some((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return slot >= first! && slot <= last!;
    });
}

async function portWithBus(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (await isFree(port + BUS_OFFSET)) return port;
  }
}
