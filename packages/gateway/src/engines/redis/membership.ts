/**
 * Who is alive, as Redis knows it. Every node counts its own number up again and again; one whose number
 * stands still is struck off by whoever has watched it long enough, once and for good: should it live,
 * it finds itself among the gone, and goes on under another incarnation. No clock is read to decide
 * that, so none can be wrong.
 */
import { type RedisServer, script } from './redis-server.ts';

/** Incarnation → how often it has said that it lives. */
export const MEMBERS = 'members';
/** Incarnations that ended, by when. */
export const GONE = 'gone';
/** A node that was away for longer finds that nobody remembers it, and simply enrolls again. */
const GONE_KEPT_SECONDS = 7 * 24 * 3600;

const ENROLL = script(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], 1)
return 1
`);

const HAS = script(`return redis.call('HEXISTS', KEYS[1], ARGV[1])`);

/** Arguments: the incarnation, and those it knows. Answers with all members, and who of those is gone. */
const BEAT = script(`
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return {}
end
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
local gone = {}
for at = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[2], ARGV[at]) then gone[#gone + 1] = ARGV[at] end
end
return {redis.call('HGETALL', KEYS[1]), gone}
`);

/** Arguments: the incarnation, and its number when it was last seen: it may have moved since. */
const BURY = script(`
if ARGV[2] ~= '' and (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
local now = tonumber(redis.call('TIME')[1])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${GONE_KEPT_SECONDS})
return 1
`);

export interface Roll {
  /** Number by incarnation, of everybody who is enrolled. */
  readonly alive: ReadonlyMap<string, string>;
  /** Those asked about who ended. */
  readonly gone: readonly string[];
}

export class Membership {
  readonly #server: RedisServer;

  constructor(server: RedisServer) {
    this.#server = server;
  }

  /** `false` when somebody has, or had, this incarnation. */
  async enroll(incarnation: string): Promise<boolean> {
    return (await this.#server.run(ENROLL, [MEMBERS, GONE], [incarnation])) === 1;
  }

  async has(incarnation: string): Promise<boolean> {
    return (await this.#server.run(HAS, [MEMBERS], [incarnation])) === 1;
  }

  /** Says that this node lives; `undefined` when it was struck off. */
  async beat(incarnation: string, known: readonly string[]): Promise<Roll | undefined> {
    const answer = await this.#server.run(BEAT, [MEMBERS, GONE], [incarnation, ...known]);
    const [members, gone] = answer as [string[]?, string[]?];
    if (!members || !gone) return undefined;
    const alive = new Map<string, string>();
    for (let at = 0; at < members.length; at += 2) alive.set(members[at]!, members[at + 1]!);
    return { alive, gone };
  }

  /** Strikes a node off whose number is still this one. */
  async bury(incarnation: string, number: string): Promise<void> {
    await this.#server.run(BURY, [MEMBERS, GONE], [incarnation, number]);
  }

  async leave(incarnation: string): Promise<void> {
    await this.#server.run(BURY, [MEMBERS, GONE], [incarnation, '']);
  }
}
