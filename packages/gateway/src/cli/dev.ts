import { resolve } from 'node:path';
import type { Cancel } from '../ambient/clock.ts';
import { type LoadedConfiguration, loadConfiguration } from '../server/config.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import type { Gateway } from '../server/gateway.ts';
import { usesColor } from '../telemetry/color.ts';
import { type LineBuffer, lineBuffer } from '../telemetry/line-buffer.ts';
import type { Log } from '../telemetry/log.ts';
import { readableLog } from '../telemetry/readable-log.ts';
import { newcomerApi } from '../templates/newcomer-api.ts';
import { emptyPosternFile, type PosternFile } from '../templates/postern-file.ts';
import { watchFile } from '../templates/watch-file.ts';
import { welcome } from './addresses.ts';
import type { Command } from './command.ts';
import type { DevTemplate } from './dev-template.ts';
import { failing } from './failing.ts';
import type { Io } from './io.ts';
import { readOptions, UsageError } from './options.ts';
import { fileReloader } from './reload.ts';
import { type Loaded, type Served, serve } from './serve.ts';
import { settingFlags } from './setting-flags.ts';
import { type TemplateChoice, templateChoice, templateOptions } from './template-options.ts';

export const dev: Command = {
  name: 'dev',
  arguments: '[FILE]',
  mode: 'dev',
  sentence: 'Run on this machine, for development: any credentials, a live log.',
  about: `Runs the gateway on this machine only. Any AWS credentials are accepted, and unsigned calls too.
Each connect, message, push and disconnect is a line of the live log. postern.yaml is read again
when it changes.

  postern dev --backend http://localhost:3000     an API whose three routes call your backend
  postern dev serverless.yml                      what a template says, again after each change:
                                                  CloudFormation, SAM, serverless.yml, cdk.out,
                                                  AsyncAPI`,
  options: templateOptions,

  run: (argv, io) => failing('dev', io, () => run(argv, io)),
};

/** Events that come together are written together; nobody sees that they waited. */
const EVENT_HELD_MILLIS = 1;

interface Arguments {
  /** For the settings. */
  readonly rest: readonly string[];
  /** Absolute path of FILE. */
  readonly template?: string;
  readonly choice: TemplateChoice;
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { rest, template, choice } = readArguments(argv, io);
  const lines = lineBuffer((text) => void io.stdout.write(text), EVENT_HELD_MILLIS);
  process.once('exit', lines.flush);
  const load = () => {
    const loaded = loadConfiguration({ argv: rest, env: io.env, cwd: io.cwd, mode: 'dev' });
    return { ...loaded, file: withBackend(loaded) };
  };
  let served: DevTemplate | undefined;
  const code = await serve({
    mode: 'dev',
    io,
    load,
    logFor: ({ verbose }, role) => {
      const log = readableLog({
        write: (line) => lines.write(role ? `${role.number} ${line}\n` : `${line}\n`),
        color: role?.isColored ?? usesColor(io.stdout, io.env),
        verbose,
      });
      return wordsAtOnce(log, lines);
    },
    async prepare({ gateway, loaded, log }) {
      if (template === undefined) return;
      const { region, account } = loaded.configuration;
      const options = { path: template, choice, gateway, region, account, env: io.env, log };
      // Readers of five kinds of templates: loaded where there is one.
      const { DevTemplate } = await import('./dev-template.ts');
      served = new DevTemplate(options);
      await served.deploy();
    },
    onReady({ gateway, loaded, log, isFirst }) {
      const greet = (fresh: Loaded) => {
        lines.flush();
        if (isFirst) greetFrom(gateway, fresh, io);
      };
      greet(loaded);
      // The file that was just named is there before anybody can have typed its name.
      if (!loaded.configuration.ephemeral) {
        gateway.tlsReady().catch((error) => log.warn((error as Error).message));
      }
      const reload = fileReloader({ gateway, loaded, load, log, onNewStages: greet });
      const ends = [watchConfiguration({ loaded, log }, io, reload)];
      if (served) ends.push(served.follow(() => log.info('The template is deployed')));
      return () => {
        for (const end of ends) end();
      };
    },
  });
  lines.flush();
  process.off('exit', lines.flush);
  return code;
}

/** What is said in words stands where it was said, among what others write. */
function wordsAtOnce(log: Log, { flush }: LineBuffer): Log {
  return {
    event: log.event,
    info(...words) {
      log.info(...words);
      flush();
    },
    warn(...words) {
      log.warn(...words);
      flush();
    },
    error(...words) {
      log.error(...words);
      flush();
    },
  };
}

/** Settings are for the configuration to read; what is left is FILE and what becomes of it. */
function readArguments(argv: readonly string[], io: Io): Arguments {
  const read = readOptions(argv, templateOptions, settingFlags('dev'));
  const [file, ...more] = read.positionals;
  if (more.length > 0) throw new UsageError(`unexpected "${more.join(' ')}"`);
  const template = file === undefined ? {} : { template: resolve(io.cwd, file) };
  return { rest: read.rest, choice: templateChoice(read), ...template };
}

function greetFrom(gateway: Gateway, { file, configuration }: Loaded, io: Io): void {
  const { region, ephemeral } = configuration;
  const names = new Map(file?.apis.map(({ id, name }) => [id, name]));
  const caFile = ephemeral ? undefined : gateway.caFile;
  const { url, consoleUrl } = gateway;
  const stages = gateway.stages();
  io.stdout.write(
    welcome({
      url,
      region,
      stages,
      names,
      ...(caFile !== undefined && { caFile }),
      ...(consoleUrl !== undefined && { consoleUrl }),
    }),
  );
}

function watchConfiguration(
  { loaded, log }: Pick<Served, 'loaded' | 'log'>,
  io: Io,
  reload: () => void,
): Cancel {
  const path = loaded.filePath ?? resolve(io.cwd, 'postern.yaml');
  try {
    return watchFile(path, reload);
  } catch (error) {
    // Such as a system that has run out of watches: serving goes on without.
    log.warn(`Cannot watch ${path}: ${(error as Error).message}. Restart after a change.`);
    return () => {};
  }
}

/** The APIs of the file and, with `--backend`, the newcomer's. */
function withBackend({ configuration, file }: LoadedConfiguration): PosternFile | undefined {
  if (configuration.backend === undefined) return file;
  const api = newcomerApi(configuration.backend);
  const twin = file?.apis.find(({ id }) => id === api.id);
  if (twin) {
    throw new ConfigurationError([
      `--backend: the file has an API ${twin.name} with the same id; rename it, or leave --backend out`,
    ]);
  }
  const base = file ?? emptyPosternFile;
  return { ...base, apis: [...base.apis, api] };
}
