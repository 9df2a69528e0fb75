import {
  type Burial,
  type ConnectionDirectory,
  connectionIdOfLetter,
  type DeadLetter,
  type DeadLetters,
  type DirectoryEntry,
  deadLetterId,
  type EntryKey,
} from '../connection-directory.ts';
import { GONE, MEMBERS } from './membership.ts';
import { type RedisServer, script } from './redis-server.ts';

/** Everybody who has entries. Those of one owner are a hash of their own: connection id → JSON. */
const OWNERS = 'owners';
const entriesOf = (owner: string) => `owed:${owner}`;
/** Dead letters: id → JSON, and the ids in order. */
const LETTERS = 'letters';
const LETTER_IDS = 'letter-ids';

/** A server that has lost what it knew learns here, too, that the owner lives. */
const ADD = script(`
if not redis.call('ZSCORE', KEYS[4], ARGV[1]) then redis.call('HSETNX', KEYS[3], ARGV[1], 1) end
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
`);

/** Where it is missing and its owner was not struck off, nobody took it: the server has lost it. */
const UPDATE = script(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('ZSCORE', KEYS[3], ARGV[3]) then
  return 0
end
redis.call('SADD', KEYS[2], ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`);

const REMOVE = script(`return redis.call('HDEL', KEYS[1], ARGV[1])`);

/**
 * Arguments: the claimer, how many, and what the names of hashes begin with. Whether an owner is a member
 * is asked in the same step, so nothing is taken from the living. A claimer that was struck off and has yet
 * to hear of it holds connections still: it takes nothing from itself.
 */
const CLAIM = script(`
local room = tonumber(ARGV[2])
local claimed = {}
for _, owner in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if room == 0 then break end
  if owner ~= ARGV[1] and redis.call('HEXISTS', KEYS[2], owner) == 0 then
    local left = ARGV[3] .. owner
    local found = redis.call('HRANDFIELD', left, room, 'WITHVALUES')
    for at = 1, #found, 2 do
      redis.call('HDEL', left, found[at])
      redis.call('HSET', ARGV[3] .. ARGV[1], found[at], found[at + 1])
      claimed[#claimed + 1] = found[at]
      claimed[#claimed + 1] = found[at + 1]
      room = room - 1
    end
    if redis.call('EXISTS', left) == 0 then redis.call('SREM', KEYS[1], owner) end
  end
end
if #claimed > 0 then redis.call('SADD', KEYS[1], ARGV[1]) end
return claimed
`);

/** Arguments: connection id, JSON, id of the letter, how many are kept. */
const BURY = script(`
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return {0, 0} end
local surplus = redis.call('ZCARD', KEYS[3]) + 1 - tonumber(ARGV[4])
local dropped = 0
if surplus > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, surplus - 1)) do
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    dropped = dropped + 1
  end
end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[3], 0, ARGV[3])
return {1, dropped}
`);

const LIST = script(`
local answer = {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  answer[#answer + 1] = id
  answer[#answer + 1] = redis.call('HGET', KEYS[1], id)
end
return answer
`);

const GET = script(`return redis.call('HGET', KEYS[1], ARGV[1])`);

/** Arguments: id of the letter, the reviver, connection id. */
const REVIVE = script(`
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return false end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('SADD', KEYS[4], ARGV[2])
redis.call('HSET', KEYS[3], ARGV[3], value)
return value
`);

const DROP = script(`
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
`);

const COUNT = script(`return redis.call('ZCARD', KEYS[1])`);

const IDS = script(`return redis.call('HKEYS', KEYS[1])`);

const READ = script(`return redis.call('HMGET', KEYS[1], unpack(ARGV))`);
/** Lua takes no more arguments than a few thousand. */
const READ_AT_ONCE = 1000;

export class RedisConnectionDirectory implements ConnectionDirectory {
  readonly deadLetters: DeadLetters;
  readonly #server: RedisServer;
  readonly #self: () => string;

  constructor(server: RedisServer, self: () => string) {
    this.#server = server;
    this.#self = self;
    this.deadLetters = new RedisDeadLetters(server, self);
  }

  async add(connectionId: string, value: unknown): Promise<DirectoryEntry> {
    const owner = this.#self();
    const args = [owner, connectionId, JSON.stringify(value)];
    await this.#server.run(ADD, [entriesOf(owner), OWNERS, MEMBERS, GONE], args);
    return { owner, connectionId, value };
  }

  async update({ owner, connectionId, value }: DirectoryEntry): Promise<boolean> {
    const args = [connectionId, JSON.stringify(value), owner];
    return (await this.#server.run(UPDATE, [entriesOf(owner), OWNERS, GONE], args)) === 1;
  }

  async remove({ owner, connectionId }: EntryKey): Promise<boolean> {
    return (await this.#server.run(REMOVE, [entriesOf(owner)], [connectionId])) === 1;
  }

  async claim(limit: number): Promise<DirectoryEntry[]> {
    const owner = this.#self();
    const args = [owner, String(limit), this.#server.key(entriesOf(''))];
    const claimed = (await this.#server.run(CLAIM, [OWNERS, MEMBERS], args)) as string[];
    return pairsOf(claimed).map(([connectionId, text]) => ({
      owner,
      connectionId,
      value: JSON.parse(text),
    }));
  }

  /** What is removed between the two questions is found by neither. */
  async unknown(isKnown: (connectionId: string) => boolean): Promise<DirectoryEntry[]> {
    const owner = this.#self();
    const keys = [entriesOf(owner)];
    const ids = ((await this.#server.run(IDS, keys)) as string[]).filter((id) => !isKnown(id));
    const found: DirectoryEntry[] = [];
    for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
      const some = ids.slice(at, at + READ_AT_ONCE);
      const texts = (await this.#server.run(READ, keys, some)) as (string | null)[];
      for (const [index, text] of texts.entries()) {
        if (text === null) continue;
        found.push({ owner, connectionId: some[index]!, value: JSON.parse(text) });
      }
    }
    return found;
  }
}

class RedisDeadLetters implements DeadLetters {
  readonly #server: RedisServer;
  readonly #self: () => string;

  constructor(server: RedisServer, self: () => string) {
    this.#server = server;
    this.#self = self;
  }

  async bury(entry: DirectoryEntry, now: number, max: number): Promise<Burial> {
    const { owner, connectionId, value } = entry;
    const keys = [entriesOf(owner), LETTERS, LETTER_IDS];
    const id = deadLetterId(connectionId, now);
    const args = [connectionId, JSON.stringify(value), id, String(max)];
    const [buried, dropped] = (await this.#server.run(BURY, keys, args)) as [number, number];
    return { buried: buried === 1, dropped };
  }

  async list({ after, limit }: { after?: string; limit: number }): Promise<DeadLetter[]> {
    const args = [after === undefined ? '-' : `(${after}`, String(limit)];
    const found = (await this.#server.run(LIST, [LETTERS, LETTER_IDS], args)) as string[];
    return pairsOf(found).map(([id, text]) => letterOf(id, text));
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    const text = (await this.#server.run(GET, [LETTERS], [id])) as string | null;
    return text === null ? undefined : letterOf(id, text);
  }

  async revive(id: string): Promise<DirectoryEntry | undefined> {
    const owner = this.#self();
    const connectionId = connectionIdOfLetter(id);
    const keys = [LETTERS, LETTER_IDS, entriesOf(owner), OWNERS];
    const args = [id, owner, connectionId];
    const text = (await this.#server.run(REVIVE, keys, args)) as string | null;
    return text === null ? undefined : { owner, connectionId, value: JSON.parse(text) };
  }

  async drop(id: string): Promise<boolean> {
    return (await this.#server.run(DROP, [LETTERS, LETTER_IDS], [id])) === 1;
  }

  async count(): Promise<number> {
    return Number(await this.#server.run(COUNT, [LETTER_IDS]));
  }
}

const letterOf = (id: string, text: string): DeadLetter => ({
  id,
  connectionId: connectionIdOfLetter(id),
  value: JSON.parse(text),
});

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
