import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEngine } from '../../src/engines/embedded/embedded-engine.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { RedisEngine } from '../../src/engines/redis/redis-engine.ts';
import { hasRedis, type RedisProcess, startRedis } from './redis-server.ts';

/** What the nodes of one gateway have in common. */
export interface SharedState {
  /** One for each node. */
  createEngine(): Engine;
  readonly redis?: RedisProcess;
  cleanUp(): Promise<void>;
}

async function inFolder(): Promise<SharedState> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  return {
    createEngine: () => new EmbeddedEngine({ folder, isShared: true }),
    cleanUp: () => rm(folder, { recursive: true, force: true }),
  };
}

async function inRedis(): Promise<SharedState> {
  // Killed and started again, it comes back with what it had.
  const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  return {
    createEngine: () => new RedisEngine({ url: redis.url, beatMillis: 100 }),
    redis,
    cleanUp: () => redis.stop(),
  };
}

/** By the name of the engine: a folder of this machine, and where there is a Redis, that. */
export const sharedStates: [string, () => Promise<SharedState>][] = [['embedded', inFolder]];
if (hasRedis) sharedStates.push(['redis', inRedis]);
