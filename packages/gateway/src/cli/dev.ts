import { resolve } from 'node:path';
import { type LoadedConfiguration, loadConfiguration } from '../server/config.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import { usesColor } from '../telemetry/color.ts';
import { readableLog } from '../telemetry/readable-log.ts';
import { newcomerApi } from '../templates/newcomer-api.ts';
import { emptyPosternFile, type PosternFile } from '../templates/postern-file.ts';
import { watchFile } from '../templates/watch-file.ts';
import { welcome } from './addresses.ts';
import type { Command } from './command.ts';
import { fileReloader } from './reload.ts';
import { type Loaded, serve } from './serve.ts';

export const dev: Command = {
  name: 'dev',
  sentence: 'Run on this machine, for development: any credentials, a live log.',
  about: `Runs the gateway on this machine only. Any AWS credentials are accepted, and unsigned calls too.
Each connect, message, push and disconnect is a line of the live log. postern.yaml is read again
when it changes.

  postern dev --backend http://localhost:3000     an API whose three routes call your backend`,

  run(argv, io) {
    const load = () => {
      const loaded = loadConfiguration({ argv, env: io.env, cwd: io.cwd, mode: 'dev' });
      return { ...loaded, file: withBackend(loaded) };
    };
    return serve({
      mode: 'dev',
      io,
      load,
      logFor: ({ verbose }) =>
        readableLog({
          write: (line) => io.stdout.write(`${line}\n`),
          color: usesColor(io.stdout, io.env),
          verbose,
        }),
      onReady({ gateway, loaded, log }) {
        const { ephemeral } = loaded.configuration;
        const greet = ({ file, configuration: { region } }: Loaded) => {
          const names = new Map(file?.apis.map(({ id, name }) => [id, name]));
          const caFile = ephemeral ? undefined : gateway.caFile;
          const { url } = gateway;
          const stages = gateway.stages();
          io.stdout.write(
            welcome({ url, region, stages, names, ...(caFile !== undefined && { caFile }) }),
          );
        };
        greet(loaded);
        // The file that was just named is there before anybody can have typed its name.
        if (!ephemeral) gateway.tlsReady().catch((error) => log.warn((error as Error).message));
        const reload = fileReloader({ gateway, loaded, load, log, onNewStages: greet });
        const path = loaded.filePath ?? resolve(io.cwd, 'postern.yaml');
        try {
          return watchFile(path, reload);
        } catch (error) {
          // Such as a system that has run out of watches: serving goes on without.
          log.warn(`Cannot watch ${path}: ${(error as Error).message}. Restart after a change.`);
          return () => {};
        }
      },
    });
  },
};

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
