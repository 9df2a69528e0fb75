import { randomBytes } from 'node:crypto';
import type { Change, CommitListener, Page, ResourceStore, Stored } from '../resource-store.ts';
import { type RedisServer, script } from './redis-server.ts';

/** Documents by key, each as its version, a space, and its JSON. */
const DOCUMENTS = 'documents';
/** The same keys in byte order. */
const KEYS = 'keys';
const VERSION = 'version';
/** A stream of commits: the keys of each, under its version. */
const CHANGES = 'changes';
/** Drawn when the state was empty: another one means that everything before is lost. */
const EPOCH = 'epoch';

const changesKept = 10_000;
/** How many commits are read at a time by a node that has missed some. */
const CHANGES_PAGE = 1000;

const GET = script(`return redis.call('HGET', KEYS[1], ARGV[1])`);

const LIST = script(`
local found
if ARGV[3] == '' then
  found = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2])
else
  found = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
end
local answer = {}
for _, key in ipairs(found) do
  answer[#answer + 1] = key
  answer[#answer + 1] = redis.call('HGET', KEYS[1], key)
end
return answer
`);

/** Arguments in threes: key, expected version, JSON; without JSON the document is deleted. */
const COMMIT = script(`
for at = 1, #ARGV, 3 do
  local stored = redis.call('HGET', KEYS[1], ARGV[at])
  local version = stored and string.match(stored, '^%d+') or '0'
  if version ~= ARGV[at + 1] then return 0 end
end
local version = redis.call('INCR', KEYS[3])
local keys = {}
for at = 1, #ARGV, 3 do
  local key, value = ARGV[at], ARGV[at + 2]
  keys[#keys + 1] = key
  if value == '' then
    redis.call('HDEL', KEYS[1], key)
    redis.call('ZREM', KEYS[2], key)
  else
    redis.call('HSET', KEYS[1], key, version .. ' ' .. value)
    redis.call('ZADD', KEYS[2], 0, key)
  end
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ${changesKept}, version .. '-0', 'keys', cjson.encode(keys))
return version
`);

/**
 * Arguments: the version told last, an epoch if there is none. Answers with the epoch, the version in
 * force, and the keys of commits in between, oldest first.
 */
const CHANGES_SINCE = script(`
redis.call('SET', KEYS[3], ARGV[2], 'NX')
local version = redis.call('GET', KEYS[1]) or '0'
local told = ARGV[1]
local answer = {redis.call('GET', KEYS[3]), version}
if tonumber(version) <= tonumber(told) then return answer end
local first = string.format('%.0f', tonumber(told) + 1) .. '-0'
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], first, '+', 'COUNT', ${CHANGES_PAGE})) do
  answer[#answer + 1] = string.match(entry[1], '^%d+')
  answer[#answer + 1] = entry[2][2]
end
return answer
`);

/** Documents in Redis. Commits of all nodes stand in one stream, from which listeners are told. */
export class RedisResourceStore implements ResourceStore {
  readonly #server: RedisServer;
  readonly #listeners = new Set<CommitListener>();
  /** Version of the newest commit that listeners were told of; `undefined` before the start. */
  #told: number | undefined;
  #epoch = '';
  #telling: Promise<void> | undefined;
  #isAskedAgain = false;
  /** Tells the other nodes that there is something new. */
  #announce: () => void = () => {};

  constructor(server: RedisServer) {
    this.#server = server;
  }

  async open(announce: () => void): Promise<void> {
    this.#announce = announce;
    const { epoch, version } = await this.#changesSince(0);
    this.#epoch = epoch;
    this.#told = version;
  }

  close(): void {
    this.#told = undefined;
  }

  async get(key: string): Promise<Stored | undefined> {
    const text = (await this.#server.run(GET, [DOCUMENTS], [key])) as string | null;
    return text === null ? undefined : storedOf(key, text);
  }

  async list(prefix: string, { after, limit }: Page = {}): Promise<Stored[]> {
    if (limit !== undefined && limit <= 0) return [];
    const [first, last] = [Buffer.from(prefix), Buffer.from(after ?? '')];
    const isAfter = after !== undefined && Buffer.compare(last, first) >= 0;
    const start = isAfter ? Buffer.concat([Buffer.from('('), last]) : Buffer.from(`[${prefix}`);
    // 0xff follows every byte of UTF-8 text.
    const end = Buffer.concat([Buffer.from(`[${prefix}`), Buffer.from([0xff])]);
    const args = [start, end, limit === undefined ? '' : String(limit)];
    const answer = (await this.#server.run(LIST, [DOCUMENTS, KEYS], args)) as string[];
    return pairsOf(answer).map(([key, text]) => storedOf(key, text));
  }

  async commit(changes: readonly Change[]): Promise<boolean> {
    assertKeys(changes);
    if (changes.length === 0) return true;
    const args = changes.flatMap(({ key, value, expectedVersion }) => [
      key,
      String(expectedVersion),
      value === undefined ? '' : JSON.stringify(value),
    ]);
    const version = await this.#server.run(COMMIT, [DOCUMENTS, KEYS, VERSION, CHANGES], args);
    if (Number(version) === 0) return false;
    this.#announce();
    await this.catchUp();
    return true;
  }

  watch(listener: CommitListener): () => void {
    const own: CommitListener = (keys) => listener(keys);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /**
   * Tells listeners of every commit they have not heard of. One at a time, so that the order stays;
   * resolves when everything that was committed before the call has been told. Never rejects.
   */
  async catchUp(): Promise<void> {
    if (this.#telling) {
      this.#isAskedAgain = true;
      return this.#telling;
    }
    this.#telling = (async () => {
      do {
        this.#isAskedAgain = false;
        // What is out of reach now is told after the next heartbeat that succeeds.
        await this.#tellAll().catch(() => {});
      } while (this.#isAskedAgain);
    })();
    await this.#telling;
    this.#telling = undefined;
  }

  async #tellAll(): Promise<void> {
    for (;;) {
      const told = this.#told;
      if (told === undefined) return;
      const { epoch, version, commits } = await this.#changesSince(told);
      if (this.#told === undefined) return;
      const isAnother = epoch !== this.#epoch;
      if (!isAnother && version === told) return;
      // The server has lost what it had, or this node was away for longer than the stream reaches back.
      if (isAnother || Number(commits[0]?.[0]) !== told + 1) {
        this.#epoch = epoch;
        this.#told = version;
        this.#tell('all');
        return;
      }
      for (const [, keys] of commits) this.#tell(JSON.parse(keys) as string[]);
      this.#told = Number(commits.at(-1)![0]);
    }
  }

  async #changesSince(told: number) {
    const args = [String(told), randomBytes(8).toString('hex')];
    const answer = await this.#server.run(CHANGES_SINCE, [VERSION, CHANGES, EPOCH], args);
    const [epoch = '', version, ...commits] = answer as string[];
    return { epoch, version: Number(version), commits: pairsOf(commits) };
  }

  #tell(keys: readonly string[] | 'all'): void {
    for (const listener of [...this.#listeners]) {
      void (async () => listener(keys))().catch((error: Error) => process.emitWarning(error));
    }
  }
}

function storedOf(key: string, text: string): Stored {
  const space = text.indexOf(' ');
  return {
    key,
    value: JSON.parse(text.slice(space + 1)),
    version: Number(text.slice(0, space)),
  };
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}

function assertKeys(changes: readonly Change[]): void {
  const keys = new Set(changes.map((change) => change.key));
  if (keys.size !== changes.length) throw new Error('A commit must name each key once');
  if (keys.has('')) throw new Error('A key must not be empty');
}
