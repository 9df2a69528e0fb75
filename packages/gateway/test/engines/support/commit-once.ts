import { RedisEngine } from '../../../src/engines/redis/redis-engine.ts';

/** Run as a process: one commit to the Redis at the address given, and whether it took place. */
const engine = new RedisEngine({ url: process.argv[2]! });
await engine.start();
const change = { key: 'api/a', value: 1, expectedVersion: 0 };
process.stdout.write(`${await engine.resources.commit([change])}\n`);
await engine.stop();
