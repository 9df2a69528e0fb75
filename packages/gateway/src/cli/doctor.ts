import type { LoadedConfiguration } from '../server/config.ts';
import { packageVersion } from '../server/package-version.ts';
import type { Mode } from '../server/settings.ts';
import { usesColor } from '../telemetry/color.ts';
import { ApplyError } from '../templates/control-client.ts';
import type { Command } from './command.ts';
import { type Finding, failed, guideRows, ok, warning } from './doctor-finding.ts';
import { examineGateway } from './doctor-gateway.ts';
import { examineConfiguration, examinePort } from './doctor-machine.ts';
import { failing } from './failing.ts';
import type { GatewayClientOptions } from './gateway-client.ts';
import { exitCodes, type Io } from './io.ts';
import { operationsClient } from './operations-client.ts';
import { type CommandOption, readOptions, UsageError } from './options.ts';
import { settingFlags } from './setting-flags.ts';
import { clientOptionsOf, targetOptions } from './target-options.ts';

const options: readonly CommandOption[] = [
  {
    name: 'mode',
    placeholder: 'MODE',
    sentence: 'Examine the configuration for dev or start. Default dev.',
  },
  ...targetOptions.filter(({ name }) => name === 'endpoint'),
];

export const doctor: Command = {
  name: 'doctor',
  sentence: 'Look for what is wrong: configuration, ports, clock, APIs, backends.',
  about: `Examines the configuration here and, if one runs, the gateway, with its APIs, their backends and what
it refused lately. Findings name the row of the setup guide's troubleshooting (5.2) that they belong to.
Takes the settings of dev or start, to examine those. Exit code 1 if something has failed.`,
  options,

  run: (argv, io) =>
    failing('doctor', io, async () => {
      const mode = modeOf(argv);
      const read = readOptions(argv, options, settingFlags(mode));
      if (read.positionals.length > 0) throw new UsageError('No words are expected');
      const { findings, loaded } = examineConfiguration(read.rest, mode, io);
      const client = clientFor(read, loaded, io);
      const others = await examineRunning(client, loaded);
      const all = [runtime(), ...findings, ...others];
      for (const finding of all) io.stdout.write(textOf(finding, usesColor(io.stdout, io.env)));
      const isBad = all.some(({ state }) => state === 'failed');
      return isBad ? exitCodes.failed : exitCodes.fine;
    }),
};

function modeOf(argv: readonly string[]): Mode {
  const at = argv.indexOf('--mode');
  const mode = at < 0 ? 'dev' : argv[at + 1];
  if (mode === 'dev' || mode === 'start') return mode;
  throw new UsageError(`--mode: expected dev or start, got ${mode}`);
}

function runtime(): Finding {
  return ok(`Postern ${packageVersion()} on Node.js ${process.versions.node}`);
}

/** The gateway of the configuration, unless another is named. */
function clientFor(
  read: ReturnType<typeof readOptions>,
  loaded: LoadedConfiguration | undefined,
  io: Io,
): GatewayClientOptions {
  const options = clientOptionsOf(read, io);
  if (read.values.has('endpoint') || io.env.POSTERN_ENDPOINT || !loaded) return options;
  const { host, port } = loaded.configuration;
  const at = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { ...options, endpoint: `http://${at.includes(':') ? `[${at}]` : at}:${port}` };
}

async function examineRunning(
  client: GatewayClientOptions,
  loaded: LoadedConfiguration | undefined,
): Promise<Finding[]> {
  try {
    const { version, mode } = await operationsClient(client).ask<{ version: string; mode: string }>(
      'GET',
      '/version',
    );
    const running = ok(`A gateway answers at ${client.endpoint}: ${version}, ${mode}`);
    return [running, ...(await examineGateway(client))];
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    if (error.status !== undefined && error.status !== 404) {
      const advice =
        'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or POSTERN_TOKEN, of a user who may.';
      return [failed(`The gateway at ${client.endpoint} answers: ${error.message}`, advice)];
    }
    const port = loaded ? await examinePort(loaded, false) : [];
    const advice = 'Start one with postern dev or postern start to have its APIs examined.';
    return [...port, warning(`No gateway answers at ${client.endpoint}`, advice)];
  }
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'failed ' } as const;
const COLORS = { ok: 32, warning: 33, failed: 31 } as const;

function textOf({ state, what, advice, row }: Finding, color: boolean): string {
  const mark = color ? `\x1b[${COLORS[state]}m${MARKS[state]}\x1b[39m` : MARKS[state];
  const lines = [`${mark}  ${what}`];
  if (advice !== undefined) lines.push(`           ${advice}`);
  if (row) lines.push(`           Guide 5.2: ${guideRows[row]}`);
  return `${lines.join('\n')}\n`;
}
