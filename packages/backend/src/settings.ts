import { limits } from './limits.ts';
import type { BackendOptions, BackendPaths } from './options.ts';

/** The plain values of the options, checked, with their defaults filled in. */
export interface Settings {
  readonly tokenName: string;
  readonly connectionIdHeader: string;
  readonly paths: BackendPaths;
  readonly debugBasePath: string;
  readonly oneConnectionPerUser: boolean;
  readonly closeReplaced: boolean;
  readonly pushTimeoutMillis: number;
  readonly pushAttemptsMax: number;
  readonly pushConcurrency: number;
}

/** @throws TypeError for values that cannot work, each with its name. */
export function resolveSettings<User extends string>(options: BackendOptions<User>): Settings {
  if (typeof options.authenticate !== 'function') {
    throw new TypeError('authenticate is missing: give a function from a token to a user id');
  }
  const { paths = {}, debug } = options;
  return {
    tokenName: options.tokenName ?? 'token',
    connectionIdHeader: options.connectionIdHeader ?? 'connectionId',
    paths: {
      connect: checkPath('paths.connect', paths.connect ?? '/ws/connect'),
      disconnect: checkPath('paths.disconnect', paths.disconnect ?? '/ws/disconnect'),
      message: checkPath('paths.message', paths.message ?? '/ws/message'),
    },
    debugBasePath: checkPath('debug.basePath', debug?.basePath ?? '/debug'),
    oneConnectionPerUser: options.oneConnectionPerUser ?? false,
    closeReplaced: options.closeReplaced ?? false,
    pushTimeoutMillis: checkCount('pushTimeoutMillis', options, limits.pushTimeoutMillis),
    pushAttemptsMax: checkCount('pushAttemptsMax', options, limits.pushAttemptsMax),
    pushConcurrency: checkCount('pushConcurrency', options, limits.pushConcurrency),
  };
}

function checkPath(name: string, path: string): string {
  if (/^\/[^?*#]*$/.test(path)) return path;
  throw new TypeError(`${name} "${path}" must begin with / and hold no ?, * or #`);
}

type Count = 'pushTimeoutMillis' | 'pushAttemptsMax' | 'pushConcurrency';

function checkCount(name: Count, options: Pick<BackendOptions, Count>, otherwise: number): number {
  const value = options[name] ?? otherwise;
  if (Number.isInteger(value) && value >= 1) return value;
  throw new TypeError(`${name} ${value} must be a whole number of at least 1`);
}
