import type { Configuration } from '../server/config.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import type { Gateway } from '../server/gateway.ts';
import type { Log } from '../telemetry/log.ts';
import { ApplyError } from '../templates/control-client.ts';
import { emptyPosternFile } from '../templates/postern-file.ts';
import type { Loaded } from './serve.ts';

export interface ReloadOptions {
  readonly gateway: Pick<Gateway, 'applyFile' | 'stages' | 'useUsers'>;
  readonly loaded: Loaded;
  load(): Loaded;
  readonly log: Log;
  /** Called when there are other stages than before, with what was loaded. */
  onNewStages(fresh: Loaded): void;
}

/**
 * A function to call when the configuration file changed. APIs follow the file; a file that cannot be
 * used is explained and leaves everything as it was. One reload runs at a time.
 */
export function fileReloader(options: ReloadOptions): () => void {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => reload(options));
  };
}

async function reload({ gateway, loaded, load, log, onNewStages }: ReloadOptions): Promise<void> {
  try {
    const fresh = load();
    if (fresh.filePath === undefined) {
      log.warn('The configuration file is gone: its APIs stay as they were');
      return;
    }
    warnOfSettings(loaded.configuration, fresh.configuration, log);
    gateway.useUsers(fresh.users);
    const before = stageNames(gateway);
    const changes = await gateway.applyFile(fresh.file ?? emptyPosternFile);
    for (const change of changes) log.info(change);
    if (stageNames(gateway) !== before) onNewStages(fresh);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const problem of error.problems) log.warn(problem);
      log.warn('The file cannot be used: everything stays as it was');
    } else if (error instanceof ApplyError) log.warn(error.message);
    else log.error('The file could not be applied', error);
  }
}

function stageNames(gateway: Pick<Gateway, 'stages'>): string {
  return gateway
    .stages()
    .map(({ apiId, stageName }) => `${apiId}/${stageName}`)
    .sort()
    .join();
}

function warnOfSettings(before: Configuration, after: Configuration, log: Log): void {
  for (const key of Object.keys(before) as (keyof Configuration)[]) {
    if (before[key] !== after[key]) log.warn(`${key} changed: restart to use it`);
  }
}
