import { dirname } from 'node:path';
import type { Cancel } from '../ambient/clock.ts';
import { listenUrl } from '../server/admin-address.ts';
import type { Configuration, LoadedConfiguration, Mode } from '../server/config.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import { createGateway, type Gateway } from '../server/gateway.ts';
import type { Log } from '../telemetry/log.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import { exitCodes, type Io, type StopSignal } from './io.ts';
import { explainFailure } from './start-failure.ts';

/** The configuration, and the APIs to serve: those of the file and perhaps one more. */
export type Loaded = Omit<LoadedConfiguration, 'file'> & {
  readonly file: PosternFile | undefined;
};

export interface Served {
  readonly gateway: Gateway;
  readonly loaded: Loaded;
  readonly log: Log;
}

export interface ServeOptions {
  readonly mode: Mode;
  readonly io: Io;
  load(): Loaded;
  logFor(configuration: Configuration): Log;
  /** Before the ready line. What it rejects with ends the gateway. */
  prepare?(served: Served): Promise<void>;
  /** After the ready line. Returns what ends whatever it began. */
  onReady(served: Served): Cancel;
}

const SIGNAL_NUMBERS: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 };

/** The life of a gateway on the command line: load, start, say so, wait for a signal, drain. */
export async function serve(options: ServeOptions): Promise<number> {
  const { mode, io, onReady } = options;
  let loaded: Loaded;
  try {
    loaded = options.load();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    io.stderr.write(`${error.message}\nSee postern ${mode} --help.\n`);
    return exitCodes.misused;
  }
  const { configuration, file, filePath, users } = loaded;
  const log = options.logFor(configuration);
  const gateway = createGateway({
    configuration,
    mode,
    users,
    log,
    stdout: (text) => void io.stdout.write(text),
    ...(file && { file }),
    ...(filePath !== undefined && { functionsFolder: dirname(filePath) }),
  });
  const signal = nextStopSignal(io);
  try {
    const { port } = await gateway.start();
    await prepared(options, { gateway, loaded, log });
    const address = listenUrl(gateway.scheme, { host: configuration.host, port });
    io.stdout.write(`Postern ready on ${address}\n`);
  } catch (error) {
    signal.cancel();
    io.stderr.write(`${explainFailure(error, configuration)}\n`);
    return exitCodes.failed;
  }
  const end = onReady({ gateway, loaded, log });
  await signal.received;
  end();
  log.info(
    `Stopping: work under way has ${configuration.drainSeconds} s to finish. ` +
      'A second signal stops at once.',
  );
  await gateway.stop();
  signal.cancel();
  log.info('Stopped.');
  return exitCodes.fine;
}

async function prepared({ prepare }: ServeOptions, served: Served): Promise<void> {
  try {
    await prepare?.(served);
  } catch (error) {
    await served.gateway.stop();
    throw error;
  }
}

/**
 * Resolves at the first signal; the same one again ends the process, as a shell would show it. Ctrl-C
 * reaches a whole process group, and a parent in it then asks its children to stop as well: that is
 * another signal and the same wish.
 */
function nextStopSignal(io: Io): { readonly received: Promise<void>; readonly cancel: Cancel } {
  let receive = () => {};
  const received = new Promise<void>((resolve) => {
    receive = resolve;
  });
  const seen = new Set<StopSignal>();
  const cancel = io.onStopSignal((signal) => {
    if (seen.has(signal)) io.exit(128 + SIGNAL_NUMBERS[signal]);
    seen.add(signal);
    receive();
  });
  return { received, cancel };
}
