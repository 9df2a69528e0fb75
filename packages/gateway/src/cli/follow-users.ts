/**
 * Users, keys and policies follow their files while the gateway runs, so that a key is rotated without a
 * restart. Whatever else the configuration says waits for one.
 */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Cancel, Clock } from '../ambient/clock.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import type { Gateway } from '../server/gateway.ts';
import type { Log } from '../telemetry/log.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import type { Secret } from '../templates/users-yaml.ts';
import type { Loaded } from './serve.ts';

export interface FollowUsersOptions {
  readonly gateway: Pick<Gateway, 'useUsers'>;
  readonly loaded: Loaded;
  load(): Loaded;
  readonly log: Log;
  readonly clock: Pick<Clock, 'every'>;
  /** Calls `listener` when somebody asks that the files be read now: SIGHUP. */
  onReloadSignal(listener: () => void): Cancel;
}

/** Looked at again and again instead of watched: mounted secrets change by links that watches miss. */
const LOOK_MILLIS = 10_000;

/** Begins to follow; returns what ends it. Files that cannot be used change nothing. */
export function followUsers(options: FollowUsersOptions): Cancel {
  const { clock, onReloadSignal } = options;
  let { loaded } = options;
  if (loaded.filePath === undefined) return () => {};
  let state = stateOf(loaded);
  const running = loaded;
  const read = () => {
    const before = stateOf(loaded);
    const fresh = reload(options, loaded, running) ?? loaded;
    // What changed while it was being read is read again at the next look.
    const isStill = stateOf(loaded) === before;
    loaded = fresh;
    // Files named only now are looked at from now on.
    state = isStill ? stateOf(loaded) : '';
  };
  const cancelSignal = onReloadSignal(read);
  const cancelLooking = clock.every(LOOK_MILLIS, () => {
    if (stateOf(loaded) !== state) read();
  });
  return () => {
    cancelSignal();
    cancelLooking();
  };
}

/** What is in force now; `undefined` where everything stays as it was. `running`: as it was started. */
function reload(
  { gateway, load, log }: FollowUsersOptions,
  before: Loaded,
  running: Loaded,
): Loaded | undefined {
  try {
    const fresh = load();
    if (fresh.filePath === undefined) {
      log.warn('The configuration file is gone: users and their keys stay as they were');
      return undefined;
    }
    for (const key of changedSettings(running, fresh))
      log.warn(`${key} changed: restart to use it`);
    const isSame = JSON.stringify(fresh.users) === JSON.stringify(before.users);
    if (!isSame) gateway.useUsers(fresh.users);
    log.info(isSame ? 'Users read again: nothing changed' : `Users read again: ${countOf(fresh)}`);
    return fresh;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const problem of error.problems) log.warn(problem);
    log.warn('The file cannot be used: users and their keys stay as they were');
    return undefined;
  }
}

function changedSettings(running: Loaded, { configuration, file }: Loaded): string[] {
  const was = running.configuration;
  const keys = Object.keys(was) as (keyof typeof was)[];
  const isChanged = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
  const others = (['apis', 'functions', 'services'] as const).filter((part) =>
    isChanged(running.file?.[part], file?.[part]),
  );
  return [...keys.filter((key) => was[key] !== configuration[key]), ...others];
}

function countOf({ users }: Loaded): string {
  const keys = users.flatMap(({ accessKeys }) => accessKeys);
  const enabled = keys.filter((key) => key.enabled).length;
  return `${users.length} users, ${enabled} of ${keys.length} access keys enabled`;
}

/** Whether any of the files changed shows in this text, without reading them. */
function stateOf({ filePath = '', file }: Loaded): string {
  const secrets = file ? secretFiles(file) : [];
  const paths = secrets.map((path) => resolve(dirname(filePath), path));
  return [filePath, ...paths].map(versionOf).join();
}

function secretFiles({ users }: PosternFile): string[] {
  const secrets: (Secret | undefined)[] = users.flatMap(({ accessKeys, tokens = [] }) => [
    ...accessKeys.flatMap(({ secretAccessKey, sessionToken }) => [secretAccessKey, sessionToken]),
    ...tokens,
  ]);
  return secrets.flatMap((secret) =>
    typeof secret === 'object' && 'file' in secret ? [secret.file] : [],
  );
}

function versionOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    // Absent or out of reach: reading it says so, where it is needed.
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}
