/**
 * The gateway as one thing that starts and stops: the only place where the parts meet. Reads top to
 * bottom as they depend on one another.
 */
import { systemClock } from '../ambient/clock.ts';
import { systemRandom } from '../ambient/random.ts';
import { assertFrameLimit } from '../connections/frame-limit.ts';
import { Hub } from '../connections/hub.ts';
import { type ControlPlane, createControlPlane } from '../control-plane/control-plane.ts';
import type { DataPlane } from '../data-plane/data-plane.ts';
import { Handshakes } from '../data-plane/handshake.ts';
import { CountedStore } from '../engines/counted-store.ts';
import type { Engine } from '../engines/engine.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { openTelemetryTracer } from '../telemetry/open-telemetry.ts';
import type { TraceFeed } from '../telemetry/trace-feed.ts';
import { applyPosternFile } from '../templates/apply-postern-file.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import { engineStackStore, type StackStore } from '../templates/stack/stack-store.ts';
import { Addresses } from './addresses.ts';
import { type AllBackends, createBackends } from './backends.ts';
import { Callers } from './callers.ts';
import type { CertificateSource } from './certificate-source.ts';
import { certificatesOf } from './certificates.ts';
import type { Configuration } from './config.ts';
import { ConsoleFiles } from './console-files.ts';
import { controlCall } from './control-call.ts';
import { createDataPlane } from './create-data-plane.ts';
import { createEngine } from './create-engine.ts';
import { createRouter } from './create-router.ts';
import { drain, pause } from './drain.ts';
import { FunctionHost } from './function-host.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { Listeners } from './listeners.ts';
import type { LocalCertificate } from './local-certificate.ts';
import { createObservers, type Observers } from './observers.ts';
import type { User } from './secrets.ts';

export type { GatewayOptions } from './gateway-options.ts';

export function createGateway(options: GatewayOptions): Gateway {
  return new Gateway(options);
}

export class Gateway {
  readonly #configuration: Configuration;
  readonly #consoleFiles: ConsoleFiles;
  readonly #engine: Engine;
  readonly #callers: Callers;
  readonly #observers: Observers;
  readonly #plane: DataPlane;
  readonly #backends: AllBackends;
  readonly #handshakes: Handshakes;
  readonly #listeners: Listeners;
  readonly #localCertificate: LocalCertificate | undefined;
  readonly #certificates: CertificateSource | undefined;
  readonly #addresses: Addresses;
  readonly #file: PosternFile | undefined;
  readonly #isFollower: boolean;
  readonly #functions: FunctionHost;
  readonly controlPlane: ControlPlane;
  #isReady = false;
  #stopped: Promise<void> | undefined;

  constructor(options: GatewayOptions) {
    const { configuration, log, mode, functionsFolder, shared } = options;
    const { account: accountId, region, lenient, httpAuthorizers } = configuration;
    const { clock = systemClock, random = systemRandom } = options;
    this.#configuration = configuration;
    this.#consoleFiles = new ConsoleFiles(options.consoleFolder);
    this.#file = options.file;
    this.#isFollower = options.isFollower ?? false;
    const { local, files } = certificatesOf(configuration, mode, clock, log);
    this.#localCertificate = local;
    this.#certificates = files ?? local;
    this.#addresses = new Addresses(configuration, files ? 'https' : 'http');
    this.#callers = new Callers(configuration, clock);
    this.#callers.use(options.users ?? []);
    this.#engine = options.engine ?? createEngine(configuration, { clock, random, log, shared });
    this.#backends = createBackends({
      configuration,
      mode,
      clock,
      random,
      log,
      functions: {},
      ...(functionsFolder !== undefined && { functionsFolder }),
      services: { ...options.file?.services, ...options.services },
      caFile: local?.caFile,
      caBundleFile: local?.caBundleFile,
    });
    this.#functions = new FunctionHost({
      lambda: this.#backends.lambda,
      functions: options.functions ?? {},
      ...(!configuration.ephemeral && { data: configuration.data }),
      clock,
      random,
      log,
      url: () => this.url,
      certificateReady: () => this.tlsReady(),
    });
    const parts = { configuration, mode, clock, random, log, engine: this.#engine };
    const store = new CountedStore(this.#engine.resources, () => clock.ticks());
    const hub = new Hub(clock);
    const { http } = this.#backends;
    this.#observers = createObservers({ ...parts, hub, http, stdout: options.stdout });
    this.#plane = createDataPlane({
      ...parts,
      store,
      hub,
      backends: this.#backends,
      observers: this.#observers,
      accessControl: this.#callers.accessControl,
      folder: functionsFolder ?? process.cwd(),
    });
    this.controlPlane = createControlPlane({
      store,
      counters: this.#engine.counters,
      clock,
      random,
      accountId,
      region,
      lenient,
      httpAuthorizers,
      endpointOf: (apiId) => this.#addresses.apiEndpoint(apiId),
    });
    const router = createRouter({
      ...parts,
      store,
      plane: this.#plane,
      controlPlane: this.controlPlane,
      observers: this.#observers,
      callers: this.#callers,
      addresses: this.#addresses,
      consoleFiles: this.#consoleFiles,
      workers: options.workers,
      isReady: () => this.#isReady,
    });
    this.#handshakes = new Handshakes(this.#plane);
    this.#listeners = new Listeners({
      configuration,
      clock,
      ...(this.#certificates && {
        tls: {
          certificates: this.#certificates,
          isOnly: files !== undefined,
          asksForClientCertificate: files !== undefined && configuration.tlsClientCa !== undefined,
          failed: (error) => log.error('There is no certificate for a TLS connection', error),
        },
      }),
      upgrade: (...opening) => this.#handshakes.handle(...opening),
      answer: (request, door) => router.answer(request, door),
      push: router,
    });
  }

  /** From now on these users may call, with these keys and policies, and nobody else. */
  useUsers(users: readonly User[]): void {
    this.#callers.use(users);
  }

  /** Opens the store, compiles what is deployed, then listens. Rejects with what to do about it. */
  async start(): Promise<{ readonly url: string; readonly port: number }> {
    const { stages, hub, outbox, ids, recorder } = this.#plane;
    assertFrameLimit();
    recorder.traceWith(await openTelemetryTracer());
    await this.#engine.start();
    ids.incarnate(this.#engine.bus.self);
    try {
      await stages.start();
      await this.#certificates?.start();
      await this.#functions.use(this.#file?.functions ?? {});
      await this.#backends.start();
      if (this.#file) await this.applyFile(this.#file);
      this.#addresses.opened(await this.#listeners.start());
      // Only now the addresses are known that stand in the environment of some.
      await this.#functions.reload();
      this.#functions.follow();
    } catch (error) {
      this.#functions.stop();
      this.#listeners.stop();
      stages.stop();
      await this.#backends.lambda.stop();
      await this.#backends.stop();
      await this.#certificates?.stop();
      await this.#engine.stop();
      throw error;
    }
    hub.start();
    outbox.start();
    this.#isReady = true;
    return { url: this.url, port: this.#addresses.port };
  }

  /**
   * Stops accepting, lets what is under way finish, closes connections with 1001, tells the backends,
   * and returns after at most `drainDelaySeconds` and `drainSeconds`. Safe to call twice.
   */
  stop(options: { readonly drainSeconds?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.drainSeconds ?? this.#configuration.drainSeconds);
    return this.#stopped;
  }

  /**
   * Makes the APIs match the file; those that came from no file are left alone. Resolves with a
   * sentence per change once all are in force. Rejects with `ApplyError`.
   */
  async applyFile(file: PosternFile): Promise<string[]> {
    await this.#functions.use(file.functions);
    if (this.#isFollower) return [];
    const { account, region } = this.#configuration;
    const changes = await applyPosternFile(file, {
      call: controlCall(this.controlPlane),
      store: this.stacks,
      account,
      region,
    });
    await this.#plane.stages.settled();
    return changes;
  }

  /** Where deploys keep their records. */
  get stacks(): StackStore {
    return engineStackStore(this.#engine.resources);
  }

  /** Where deploys put the functions that are to run here; `reload` after a change of one's own. */
  get functions(): Pick<FunctionHost, 'folder' | 'reload'> {
    return this.#functions;
  }

  /** The public base, such as `http://127.0.0.1:4080`. */
  get url(): string {
    return this.#addresses.url;
  }

  /** Where the control plane answers, where that is a listener of its own. */
  get adminUrl(): string | undefined {
    return this.#addresses.adminUrl;
  }

  /** Where the console is, where it was built. */
  get consoleUrl(): string | undefined {
    return this.#consoleFiles.isBuilt ? this.#addresses.consoleUrl : undefined;
  }

  /** What the port speaks; in `dev` it speaks https as well. */
  get scheme(): 'http' | 'https' {
    return this.#addresses.scheme;
  }

  /** Every event as it ends, for whoever looks. */
  get trace(): TraceFeed {
    return this.#plane.recorder.trace;
  }

  /** What is counted. */
  get metrics(): Metrics {
    return this.#observers.metrics;
  }

  /**
   * In `dev`: path of the certificate to trust (`NODE_EXTRA_CA_CERTS`) for https and wss on this
   * port. The file is there after the first TLS connection, or after `tlsReady`.
   */
  get caFile(): string | undefined {
    return this.#localCertificate?.caFile;
  }

  /** Resolves once https and wss can be served, at the latest at the first connection. */
  async tlsReady(): Promise<void> {
    await this.#certificates?.current();
  }

  /** Every deployed stage, for whoever prints addresses. */
  stages(): readonly Pick<CompiledStage, 'apiId' | 'stageName'>[] {
    return this.#plane.stages.all();
  }

  /** How many connections this process holds. */
  get connectionCount(): number {
    return this.#plane.hub.size;
  }

  /** Lines of stage logs that never arrived. */
  get stageLogLinesDropped(): number {
    return this.#observers.stageLogs.dropped;
  }

  /** Resolves when every answered change is in force. */
  settled(): Promise<void> {
    return this.#plane.stages.settled();
  }

  async #stop(drainSeconds: number): Promise<void> {
    const { stages, hub, outbox, work, clock } = this.#plane;
    const { drainDelaySeconds, drainSpreadSeconds } = this.#configuration;
    this.#isReady = false;
    if (drainDelaySeconds > 0) await pause(clock, drainDelaySeconds * 1000);
    this.#functions.stop();
    this.#handshakes.close();
    this.#listeners.stopAccepting();
    outbox.stop();
    await drain({
      hub,
      work,
      clock,
      spreadMillis: drainSpreadSeconds * 1000,
      limitMillis: drainSeconds * 1000,
    });
    this.#listeners.stop();
    hub.stop();
    stages.stop();
    await this.#certificates?.stop();
    await this.#backends.lambda.stop();
    await this.#observers.stageLogs.stop();
    await this.#backends.stop();
    await this.#engine.stop();
  }
}
