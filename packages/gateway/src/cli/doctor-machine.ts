/** What the doctor finds out without a gateway: the configuration, the ports, the data folder. */
import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { evaluatePolicies } from '../iam/policy.ts';
import { accessKeysOf } from '../server/access-keys.ts';
import { type LoadedConfiguration, loadConfiguration, type Mode } from '../server/config.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';
import type { Io } from './io.ts';

export interface MachineReport {
  readonly findings: Finding[];
  readonly loaded?: LoadedConfiguration;
}

export function examineConfiguration(argv: readonly string[], mode: Mode, io: Io): MachineReport {
  try {
    const loaded = loadConfiguration({ argv, env: io.env, cwd: io.cwd, mode });
    const from = loaded.filePath ?? 'flags, environment and defaults: there is no postern.yaml';
    const findings = [ok(`Configuration for postern ${mode}: ${from}`), ...dataFolder(loaded)];
    return { findings: [...findings, ...users(loaded, mode)], loaded };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const advice = 'Correct it; docs/configuration.md has every setting.';
    return { findings: error.problems.map((problem) => failed(problem, advice)) };
  }
}

function dataFolder({ configuration: { data, ephemeral } }: LoadedConfiguration): Finding[] {
  if (ephemeral) return [];
  try {
    accessSync(existsSync(data) ? data : dirname(data), constants.W_OK);
    return [ok(`Data folder ${data}`)];
  } catch {
    return [failed(`The data folder ${data} cannot be written`, 'Change its owner, or --data.')];
  }
}

/** Whoever pushes must sign with a key that may: a refused push that nobody reads is a silent one. */
function users({ users: all, configuration }: LoadedConfiguration, mode: Mode): Finding[] {
  if (mode === 'dev') return [];
  const { account, region } = configuration;
  const keys = accessKeysOf(all, account).filter(({ enabled }) => enabled);
  if (keys.length === 0) {
    const advice = 'Add users with accessKeys and policies to postern.yaml.';
    return [failed('No access key is enabled: nobody can push', advice, 'silentPush')];
  }
  const resource = `arn:aws:execute-api:${region}:${account}:*/*/POST/@connections/*`;
  const pushers = keys.filter(
    ({ policies }) =>
      evaluatePolicies(policies, {
        action: 'execute-api:ManageConnections',
        resource,
        context: {},
      }) === 'allowed',
  );
  if (pushers.length > 0) return [ok(`${pushers.length} of ${keys.length} access keys may push`)];
  return [
    warning(
      'No access key may push to every stage',
      'Allow execute-api:ManageConnections on …/POST/@connections/*, at least for the stages in use.',
      'silentPush',
    ),
  ];
}

/** Free, or taken by a gateway, or by something else. */
export async function examinePort(
  { configuration: { host, port } }: LoadedConfiguration,
  isGateway: boolean,
): Promise<Finding[]> {
  if (port === 0 || isGateway) return [];
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host, port }, () => probe.close(() => resolve(undefined)));
  });
  if (!problem) return [ok(`Port ${port} of ${host} is free`)];
  if (problem.code === 'EADDRINUSE') {
    const advice = 'Stop it, or choose another with --port.';
    return [failed(`Port ${port} of ${host} is taken by another program`, advice)];
  }
  return [failed(`Cannot listen on ${host}:${port} (${problem.code})`, 'Choose another --host.')];
}
