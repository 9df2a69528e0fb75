import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isHttpUri } from '../resources/authorizer.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import { problemsOf } from '../templates/problem.ts';
import { adminAddress } from './admin-address.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { ConfigurationError } from './configuration-error.ts';
import { conflictIn } from './conflict.ts';
import { filesIn } from './file-list.ts';
import { readFlags } from './flags.ts';
import { refusalToListen } from './safe-host.ts';
import { type User, usersWithSecrets } from './secrets.ts';
import {
  type Configuration,
  defaultConfiguration,
  environmentNameOf,
  flagOf,
  type Mode,
  type SettingKey,
  settings,
  settingsOf,
} from './settings.ts';

export { ConfigurationError } from './configuration-error.ts';
export { type Configuration, defaultConfiguration, type Mode } from './settings.ts';

export interface ConfigurationSources {
  /** What follows the command's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly mode: Mode;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** The APIs and users of the configuration file, and the file's path; absent without a file. */
  readonly file?: PosternFile;
  readonly filePath?: string;
  /** The file's users with their secrets. Never to be printed. */
  readonly users: readonly User[];
}

const FILE_NAME = 'postern.yaml';

/**
 * Reads flags, environment, file and defaults, the first of these that names a setting deciding.
 * Throws `ConfigurationError` with everything that is wrong, each with its place.
 */
export function loadConfiguration(sources: ConfigurationSources): LoadedConfiguration {
  const { cwd, mode } = sources;
  const given = readGiven(sources);
  const filePath = findFile(given.config as string | undefined, cwd);
  const file = filePath === undefined ? undefined : readConfigFile(filePath);

  const configuration = settle(given, file, { cwd, mode });
  if (file && !configuration.httpAuthorizers) assertFunctionsDecide(file);
  const users = file && filePath !== undefined ? usersIn(file, filePath) : [];
  const admin = adminAddress(configuration);
  for (const host of [configuration.host, ...(admin ? [admin.host] : [])]) {
    const refusal = refusalToListen({ host, mode, users });
    if (refusal !== undefined) throw new ConfigurationError([refusal]);
  }
  return {
    configuration,
    users,
    ...(file && filePath !== undefined && { file: file.file, filePath }),
  };

  function usersIn({ file, describe }: ConfigFile, filePath: string): User[] {
    const found = usersWithSecrets(file.users, { filePath, env: sources.env });
    if (found.problems.length > 0) throw new ConfigurationError(found.problems.map(describe));
    return found.users;
  }
}

/** The control plane refuses such a URL in AWS's words, which do not say what to do. */
function assertFunctionsDecide({ file, describe }: ConfigFile): void {
  const problems = file.apis.flatMap(({ name: api, more }) =>
    Object.entries(more?.authorizers ?? {})
      .filter(([, { authorizerUri }]) => isHttpUri(String(authorizerUri)))
      .map(([authorizer]) =>
        describe({
          path: ['apis', api, 'authorizers', authorizer, 'authorizerUri'],
          message:
            'AWS knows Lambda functions only: to have a URL asked, set httpAuthorizers: true',
        }),
      ),
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
}

type Given = Partial<Record<SettingKey, unknown>>;

/** What flags and environment say, checked; the problems of both are told together. */
function readGiven({ argv, env, mode }: ConfigurationSources): Given {
  const given: Given = {};
  const flags = readFlags(argv, mode);
  const problems = [...flags.problems];
  const take = (key: SettingKey, value: unknown, place: string) => {
    const result = settings[key].type.schema.safeParse(value);
    if (result.success) given[key] = result.data;
    else problems.push(...problemsOf(result.error, value).map((one) => `${place}: ${one.message}`));
  };
  for (const [key, row] of settingsOf(mode)) {
    const value = env[environmentNameOf(key)];
    if (isSet(value)) take(key, row.type.read(value), environmentNameOf(key));
  }
  for (const { key, value } of flags.values) take(key, value, `--${flagOf(key)}`);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return given;
}

/** Kubernetes sets POSTERN_PORT=tcp://… in every pod beside a Service named postern. */
const isSet = (value: string | undefined): value is string =>
  value !== undefined && value !== '' && !value.startsWith('tcp://');

function findFile(named: string | undefined, cwd: string): string | undefined {
  const path = resolve(cwd, named ?? FILE_NAME);
  if (existsSync(path)) return path;
  if (named === undefined) return undefined;
  throw new ConfigurationError([`--config: there is no file ${path}`]);
}

/** One file may serve both commands: what a command does not know keeps its default. */
function settle(
  given: Given,
  file: ConfigFile | undefined,
  { cwd, mode }: Pick<ConfigurationSources, 'cwd' | 'mode'>,
): Configuration {
  const values: Record<string, unknown> = { ...defaultConfiguration };
  for (const [key] of settingsOf(mode)) {
    values[key] = given[key] ?? file?.settings[key] ?? values[key];
  }
  const configuration = values as Configuration;
  const path = (file: string | undefined) => file && resolve(cwd, file);
  const paths = (files: string | undefined) =>
    files &&
    filesIn(files)
      .map((file) => resolve(cwd, file))
      .join(',');
  const settled = Object.freeze({
    ...configuration,
    data: resolve(cwd, configuration.data),
    tlsCert: paths(configuration.tlsCert),
    tlsKey: paths(configuration.tlsKey),
    tlsClientCa: path(configuration.tlsClientCa),
    backendsCa: path(configuration.backendsCa),
    backendSigningKeyFile: path(configuration.backendSigningKeyFile),
    publicUrl: configuration.publicUrl?.replace(/\/+$/, ''),
  });
  const conflict = conflictIn(settled);
  if (conflict !== undefined) throw new ConfigurationError([conflict]);
  return settled;
}
