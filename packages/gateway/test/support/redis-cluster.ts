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
  /** The server that holds the keys of this name now, and the ports of all masters. */
  masterOf(key: string): Promise<RedisProcess>;
  masters(): Promise<number[]>;
  stop(): Promise<void>;
}

/** Three masters with a replica each, over which `redis-cli --cluster create` has spread the slots. */
export async function startCluster(): Promise<RedisCluster> {
  const servers: RedisProcess[] = [];
  for (let number = 0; number < 6; number += 1) {
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
  const isWell = async () =>
    (await Promise.all(servers.map((one) => one.command('CLUSTER', 'INFO')))).every((info) =>
      String(info).includes('cluster_state:ok'),
    );
  await expect.poll(isWell, { timeout: 20_000 }).toBe(true);
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
        kill() {
          alive.delete(found);
          return kill();
        },
      };
    },
    masters: async () => (await nodes()).filter(isMaster).map(portOf),
    async stop() {
      await Promise.all(servers.map((one) => one.stop()));
    },
  };
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
