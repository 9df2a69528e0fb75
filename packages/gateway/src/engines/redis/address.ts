/**
 * Where Redis is, in one line. `rediss` in place of `redis` speaks TLS.
 *
 *   redis://[user[:password]@]host[:port][/database][?prefix=NAME]
 *   redis+sentinel://[user[:password]@]host[:port],host[:port],…/master[/database][?prefix=NAME]
 *   redis+cluster://[user[:password]@]host[:port],host[:port],…[?prefix=NAME]
 */
export type RedisKind = 'single' | 'sentinel' | 'cluster';

export interface RedisAddress {
  readonly kind: RedisKind;
  readonly tls: boolean;
  readonly hosts: readonly HostAddress[];
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  /** What the sentinels call the master. */
  readonly master?: string;
  /** Of every key and channel: gateways under different names share nothing. */
  readonly prefix: string;
}

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

const SHAPE =
  /^redis(?<tls>s?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<login>[^@/]*)@)?(?<hosts>[^/?#@]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;
const HOST = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/;
const PREFIX = /^[A-Za-z0-9_.:-]{1,64}$/;
const DEFAULT_PREFIX = 'postern';
const DEFAULT_PORTS: Readonly<Record<RedisKind, number>> = {
  single: 6379,
  sentinel: 26_379,
  cluster: 6379,
};

/** Throws a sentence that says what is wrong, without the password. */
export function parseRedisAddress(text: string): RedisAddress {
  const groups = SHAPE.exec(text)?.groups;
  if (!groups) {
    throw new Error(
      'expected redis://HOST:PORT, redis+sentinel://HOST,HOST/MASTER or redis+cluster://HOST,HOST, ' +
        'each also with rediss',
    );
  }
  const kind = (groups.kind ?? 'single') as RedisKind;
  const hosts = groups.hosts!.split(',').map((one) => hostOf(one, DEFAULT_PORTS[kind]));
  if (kind === 'single' && hosts.length > 1) {
    throw new Error('several hosts need redis+sentinel:// or redis+cluster://');
  }
  const parts = (groups.path ?? '').split('/').filter(Boolean).map(decodeURIComponent);
  const [master, ...rest] = kind === 'sentinel' ? parts : [undefined, ...parts];
  if (kind === 'sentinel' && master === undefined) {
    throw new Error('redis+sentinel:// needs the name of the master: …/MASTER');
  }
  if (rest.length > (kind === 'cluster' ? 0 : 1)) throw new Error('the path is too long');
  return {
    kind,
    tls: groups.tls === 's',
    hosts,
    ...loginOf(groups.login),
    database: databaseOf(rest[0]),
    ...(master !== undefined && { master }),
    prefix: prefixOf(groups.query),
  };
}

/** For logs and messages: everything but the password. */
export function describeRedisAddress(text: string): string {
  return text.replace(/^([^:]*:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}

function hostOf(text: string, defaultPort: number): HostAddress {
  const groups = HOST.exec(text)?.groups;
  const port = Number(groups?.port ?? defaultPort);
  if (!groups || port < 1 || port > 65_535) throw new Error(`"${text}" is no host and port`);
  return { host: groups.host!.replace(/^\[(.*)\]$/, '$1'), port };
}

function loginOf(login: string | undefined): Pick<RedisAddress, 'username' | 'password'> {
  if (!login) return {};
  const [username = '', ...password] = login.split(':');
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password.length > 0 && { password: decodeURIComponent(password.join(':')) }),
  };
}

function databaseOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,5}$/.test(text)) throw new Error(`"${text}" is no number of a database`);
  return Number(text);
}

function prefixOf(query: string | undefined): string {
  const { prefix = DEFAULT_PREFIX, ...others } = Object.fromEntries(new URLSearchParams(query));
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`unknown option "${unknown}": there is only prefix`);
  if (!PREFIX.test(prefix)) {
    throw new Error('a prefix has 1 to 64 letters, digits and characters of _ . : -');
  }
  return prefix;
}
