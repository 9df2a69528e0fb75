import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type Cancel, systemClock } from '../ambient/clock.ts';
import { listenUrl } from '../server/admin-address.ts';
import type { Configuration, LoadedConfiguration, Mode } from '../server/config.ts';
import { ConfigurationError } from '../server/configuration-error.ts';
import type { Gateway } from '../server/gateway.ts';
import type { Log } from '../telemetry/log.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import { collectStart } from './collect-start.ts';
import { exitCodes, type Io, type StopSignal } from './io.ts';
import { watchOpenFiles } from './open-files.ts';
import { explainFailure } from './start-failure.ts';
import { workersBehind } from './worker-metrics.ts';
import {
  onOrphaned,
  removeWhenOrphaned,
  sayReady,
  supervisorChannel,
  type WorkerRole,
  workerRole,
} from './worker-role.ts';

/** The configuration, and the APIs to serve: those of the file and perhaps one more. */
export type Loaded = Omit<LoadedConfiguration, 'file'> & {
  readonly file: PosternFile | undefined;
};

export interface Served {
  readonly gateway: Gateway;
  readonly loaded: Loaded;
  readonly log: Log;
  /** Whether what is to be done once is to be done here: false in all workers but the first. */
  readonly isFirst: boolean;
}

export interface ServeOptions {
  readonly mode: Mode;
  readonly io: Io;
  load(): Loaded;
  /** `role`: where this process is one of several. */
  logFor(configuration: Configuration, role?: WorkerRole): Log;
  /** Before the ready line. What it rejects with ends the gateway. */
  prepare?(served: Served): Promise<void>;
  /** After the ready line. Returns what ends whatever it began. */
  onReady(served: Served): Cancel;
}

/** By then a start has left behind what it leaves; clients that wait for a gateway come sooner. */
const COLLECT_MILLIS = 1000;

const SIGNAL_NUMBERS: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 };

/**
 * The life of a gateway on the command line: load, start, say so, wait for a signal, drain. Where the
 * configuration asks for several workers, this process looks after them instead.
 */
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
  const role = workerRole(io.env);
  const log = options.logFor(configuration, role);
  const count = workerCountOf(configuration);
  const farewell =
    `Stopping: work under way has ${configuration.drainSeconds} s to finish. ` +
    'A second signal stops at once.';
  // Loaded as this process turns out to be the one or the other: a supervisor serves nothing.
  if (!role && count > 1) {
    const refusal = refusalToSupervise(file);
    if (refusal !== undefined) {
      io.stderr.write(`${refusal}\n`);
      return exitCodes.misused;
    }
    const { supervise } = await import('./supervisor.ts');
    return supervise({ count, configuration, io, log, farewell });
  }
  const { createGateway } = await import('../server/gateway.ts');
  if (role?.temporaryFolder !== undefined) removeWhenOrphaned(role.temporaryFolder);
  const isFirst = role === undefined || role.number === 1;
  const gateway = createGateway({
    configuration: { ...configuration, ...folderOf(role) },
    mode,
    users,
    log,
    stdout: (text) => void io.stdout.write(text),
    ...(file && { file }),
    ...(role && {
      shared: { durable: role.temporaryFolder === undefined },
      isFollower: !isFirst,
      workers: workersBehind(supervisorChannel(), systemClock),
    }),
    ...(filePath !== undefined && { functionsFolder: dirname(filePath) }),
  });
  const signal = nextStopSignal(io);
  // Nobody would replace it, or stop it: it drains as if it had been asked to. Until it has its port there is
  // nothing to drain, and it would wait for ever: the port comes from who is gone.
  let hasPort = false;
  if (role) onOrphaned(() => (hasPort ? signal.receive() : io.exit(exitCodes.failed)));
  try {
    const { port } = await gateway.start();
    hasPort = true;
    if (isFirst) await prepared(options, { gateway, loaded, log, isFirst });
    const address = listenUrl(gateway.scheme, { host: configuration.host, port });
    if (role) sayReady(address);
    else io.stdout.write(`Postern ready on ${address}\n`);
  } catch (error) {
    signal.cancel();
    io.stderr.write(`${explainFailure(error, configuration)}\n`);
    return exitCodes.failed;
  }
  const end = onReady({ gateway, loaded, log, isFirst });
  const { connectionsMax } = configuration;
  const endWatch = watchOpenFiles({ connectionsMax, log, clock: systemClock });
  const cancelCollection = systemClock.after(COLLECT_MILLIS, () => {
    // Whoever is there already is not kept waiting.
    if (gateway.connectionCount === 0) void collectStart();
  });
  await signal.received;
  cancelCollection();
  endWatch();
  end();
  if (!role) log.info(farewell);
  await gateway.stop();
  signal.cancel();
  if (!role) log.info('Stopped.');
  return exitCodes.fine;
}

/** A runtime that attaches finds one process behind a port, and calls come to all workers. */
function refusalToSupervise(file: PosternFile | undefined): string | undefined {
  const attached = Object.entries(file?.functions ?? {}).find(([, { port }]) => port !== undefined);
  if (!attached) return undefined;
  const [name, { port }] = attached;
  return (
    `functions.${name}.port: a runtime attaches to one process, and several workers cannot share ` +
    `port ${port}. Set workers to 1, or let Postern start the function: handler, or command.`
  );
}

function workerCountOf({ workers }: Configuration): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

/** Workers share even what nobody keeps. */
function folderOf(role: WorkerRole | undefined): Partial<Configuration> {
  const { temporaryFolder } = role ?? {};
  return temporaryFolder === undefined ? {} : { ephemeral: false, data: temporaryFolder };
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
 * Resolves at the first signal; the same one again ends the process, as a shell would show it. Ctrl-C and
 * systemd reach a whole group, and a parent in it then asks its children to stop as well, by the other
 * signal: that is the same wish.
 */
function nextStopSignal(io: Io): {
  readonly received: Promise<void>;
  receive(): void;
  readonly cancel: Cancel;
} {
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
  return { received, receive, cancel };
}
