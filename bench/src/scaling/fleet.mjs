import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../processes/server-process.mjs';
import { gatewayConfig, nodeWords, READY, TALK } from '../subjects/postern.mjs';

/**
 * One gateway of several processes, as a subject: workers on one machine, or nodes over a Redis.
 */

/**
 * @typedef {object} Shape
 * @property {string} label
 * @property {number} workers of its one node
 * @property {number} nodes
 * @property {'kernel'} [spread] how workers come by connections; in turn when left out
 * @property {'embedded' | 'redis'} engine of several nodes: one data folder, or one Redis
 */

/**
 * @param {Shape} shape
 * @param {{ folder: string, redis: { url: string, pid: number }, prefix: string,
 *   profile: string | null }} parts `folder` of the checkout; `prefix` of its keys in Redis
 * @returns {import('../subjects/subject.mjs').Subject}
 */
export function fleetSubject(shape, { folder: checkout, redis, prefix, profile }) {
  const isOnRedis = shape.engine === 'redis';
  const spread = shape.spread === undefined ? [] : ['--worker-spread', shape.spread];
  const workers = shape.workers > 1 ? ['--workers', String(shape.workers), ...spread] : [];
  return {
    label: shape.label,
    folder: checkout,
    about: '',
    isOurs: true,
    version: () => `Node ${process.version}`,
    programs: {},
    kinds: ['push', 'message', 'connect'],
    async start({ scenario, backendPort }) {
      const data = await mkdtemp(join(tmpdir(), 'postern-bench-data-'));
      const engine = isOnRedis
        ? ['--engine', `${redis.url}?prefix=${prefix}`, '--ephemeral']
        : ['--data', data];
      const remove = () => rm(data, { recursive: true, force: true });
      const nodes = [];
      try {
        // One after the other: the first one applies the file, and the others find that it has.
        for (let node = 0; node < shape.nodes; node += 1) {
          nodes.push(
            await ServerProcess.start({
              command: process.execPath,
              async args(folder) {
                const config = join(folder, 'postern.yaml');
                await writeFile(config, gatewayConfig(backendPort, scenario));
                const place = ['--port', '0', '--config', config];
                const words = [scenario.command, ...place, ...engine, ...workers];
                return [...nodeWords(checkout, profile), ...words];
              },
              ready: READY,
            }),
          );
        }
      } catch (error) {
        await Promise.all(nodes.map(({ server }) => server.stop()));
        await remove();
        throw error;
      }
      const ports = nodes.map(({ ready }) => Number(ready[2]));
      const server = new Fleet(
        nodes.map((node) => node.server),
        isOnRedis ? redis.pid : shape.workers > 1 ? nodes[0]?.server.pid : undefined,
        remove,
      );
      return { server, host: '127.0.0.1', port: ports[0] ?? 0, ports, talk: TALK };
    },
  };
}

/** Several nodes, as one server. */
class Fleet {
  #nodes;
  #remove;

  /**
   * @param {readonly ServerProcess[]} nodes
   * @param {number | undefined} besidePid
   * @param {() => Promise<void>} remove what they leave
   */
  constructor(nodes, besidePid, remove) {
    this.#nodes = nodes;
    this.#remove = remove;
    this.besidePid = besidePid;
  }

  get pid() {
    return this.#nodes[0]?.pid ?? 0;
  }

  get pids() {
    return this.#nodes.map(({ pid }) => pid);
  }

  get output() {
    return this.#nodes.map(({ output }) => output).join('\n');
  }

  get readyMillis() {
    return Math.max(...this.#nodes.map(({ readyMillis }) => readyMillis));
  }

  get endedEarly() {
    return this.#nodes.some(({ endedEarly }) => endedEarly);
  }

  async stop() {
    await Promise.all(this.#nodes.map((node) => node.stop()));
    await this.#remove();
  }
}
