import type { RateLimit } from '../../resources/rate-limit.ts';
import type { CounterBounds, Counters } from '../counters.ts';
import { type RedisServer, script } from './redis-server.ts';

/** Arguments: amount, the most that all keys together may reach (or nothing), when it expires. */
const ADD = script(`
local amount = tonumber(ARGV[1])
if ARGV[2] ~= '' then
  local sum = amount
  for _, key in ipairs(KEYS) do sum = sum + tonumber(redis.call('GET', key) or '0') end
  if sum > tonumber(ARGV[2]) then return 0 end
end
redis.call('INCRBY', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
return 1
`);

const READ = script(`
local answer = {}
for at, key in ipairs(KEYS) do answer[at] = redis.call('GET', key) or '0' end
return answer
`);

/**
 * Arguments: rate, burst, most. By the server's clock: those of the nodes differ. A bucket is forgotten
 * when it would be full again.
 */
const TAKE = script(`
local rate, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'filledAt')
local tokens = burst
if bucket[1] then
  local seconds = math.max(0, now - tonumber(bucket[2]))
  tokens = math.min(burst, tonumber(bucket[1]) + seconds * rate)
end
local taken = math.min(most, math.floor(tokens + 0.000000001))
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens - taken),
  'filledAt', string.format('%.6f', now))
if rate > 0 then
  redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens + taken) / rate * 1000) + 1000)
end
return taken
`);

export class RedisCounters implements Counters {
  readonly #server: RedisServer;

  constructor(server: RedisServer) {
    this.#server = server;
  }

  async add(key: string, amount: number, bounds: CounterBounds = {}): Promise<boolean> {
    const { max, among = [], expiresAt } = bounds;
    const args = [amount, max ?? '', expiresAt === undefined ? '' : Math.ceil(expiresAt)];
    const keys = [key, ...among].map(countKey);
    return (await this.#server.run(ADD, keys, args.map(String))) === 1;
  }

  async read(keys: readonly string[]): Promise<number[]> {
    if (keys.length === 0) return [];
    return ((await this.#server.run(READ, keys.map(countKey))) as string[]).map(Number);
  }

  async take(key: string, { rateLimit, burstLimit }: RateLimit, most: number): Promise<number> {
    const name = `bucket:${rateLimit}:${burstLimit}:${key}`;
    const args = [rateLimit, burstLimit, most].map(String);
    return Number(await this.#server.run(TAKE, [name], args));
  }
}

const countKey = (key: string) => `count:${key}`;
