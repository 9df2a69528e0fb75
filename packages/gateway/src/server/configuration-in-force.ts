import type { ConfigurationInForce } from '../operations/operation.ts';
import type { User } from './secrets.ts';
import { type Configuration, type Mode, settingsOf } from './settings.ts';

/** Settings beside their defaults and users with their policies. Nothing in it lets anybody in. */
export function configurationInForce(
  configuration: Configuration,
  mode: Mode,
  users: readonly User[],
): ConfigurationInForce {
  return {
    settings: settingsOf(mode).map(([key, row]) => ({
      key,
      value: withoutPassword(configuration[key] ?? null),
      default: row.default ?? null,
      sentence: row.sentence,
    })),
    users: users.map(({ name, accessKeys, tokens = [], policies }) => ({
      name,
      accessKeys: accessKeys.map(({ accessKeyId, enabled }) => ({ accessKeyId, enabled })),
      tokens: tokens.length,
      policies,
    })),
  };
}

/** `https://user:password@host` without what stands before the `@`. */
export function withoutPassword(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(:\/\/)[^/?#@]*@/g, '$1…@') : value;
}
