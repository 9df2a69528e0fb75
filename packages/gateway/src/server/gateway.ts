/**
 * The gateway as one thing that starts and stops: the only place where the parts meet. Reads top to
 * bottom as they depend on one another.
 */
import { type Clock, systemClock } from '../ambient/clock.ts';
import { type Random, systemRandom } from '../ambient/random.ts';
import { JwtAuthorizer } from '../authorizers/jwt-authorizer.ts';
import type { Functions } from '../backends/lambda/lambda.ts';
import { ConnectionIds } from '../connections/connection-id.ts';
import { FanOuts } from '../connections/fan-out.ts';
import { assertFrameLimit } from '../connections/frame-limit.ts';
import { Hub } from '../connections/hub.ts';
import { RemoteConnections } from '../connections/remote-connections.ts';
import { RemoteFanOuts } from '../connections/remote-fan-outs.ts';
import { type ControlPlane, createControlPlane } from '../control-plane/control-plane.ts';
import { clientAddress } from '../data-plane/client-address.ts';
import { type DataPlane, Work } from '../data-plane/data-plane.ts';
import { DisconnectOutbox } from '../data-plane/disconnect-outbox.ts';
import { recordDisconnect, runDisconnectRoute } from '../data-plane/disconnect-route.ts';
import { Handshakes } from '../data-plane/handshake.ts';
import { CountedStore } from '../engines/counted-store.ts';
import type { Engine } from '../engines/engine.ts';
import { AccessControl } from '../iam/access-control.ts';
import { ReplayGuard } from '../iam/replay-guard.ts';
import { IntegrationRunner } from '../integrations/run-integration.ts';
import { ManagementApi } from '../management-api/management-api.ts';
import { Metrics } from '../monitoring/metrics.ts';
import { PrometheusPage, type Workers } from '../monitoring/prometheus.ts';
import { Recorder } from '../monitoring/recorder.ts';
import { StageLogs } from '../monitoring/stage-logs.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { StageTable } from '../stages/stage-table.ts';
import { Activity } from '../telemetry/activity.ts';
import type { Log } from '../telemetry/log.ts';
import { openTelemetryTracer } from '../telemetry/open-telemetry.ts';
import type { TraceFeed } from '../telemetry/trace-feed.ts';
import { applyPosternFile } from '../templates/apply-postern-file.ts';
import type { PosternFile } from '../templates/postern-file.ts';
import { engineStackStore, type StackStore } from '../templates/stack/stack-store.ts';
import { AddressLimits } from '../throttling/address-limits.ts';
import { ownBucket } from '../throttling/bucket.ts';
import { sharedBuckets } from '../throttling/shared-bucket.ts';
import { Throttle } from '../throttling/throttle.ts';
import { UsagePlans } from '../throttling/usage-plans.ts';
import { closes } from '../wire/close-codes.ts';
import { accessKeysOf, bearerTokensOf } from './access-keys.ts';
import { listenUrl } from './admin-address.ts';
import { type AllBackends, createBackends } from './backends.ts';
import type { CertificateSource } from './certificate-source.ts';
import { certificatesOf } from './certificates.ts';
import type { Configuration, Mode } from './config.ts';
import { CONSOLE_PATH, ConsoleFiles } from './console-files.ts';
import { controlCall } from './control-call.ts';
import { createEngine, type SharedFolder } from './create-engine.ts';
import { drain, pause } from './drain.ts';
import { FunctionHost } from './function-host.ts';
import { Listeners, type OpenPorts } from './listeners.ts';
import type { LocalCertificate } from './local-certificate.ts';
import { logFolder } from './log-folder.ts';
import { gaugesOf } from './metrics-gauges.ts';
import { createOperations } from './operations.ts';
import { Router } from './router.ts';
import { isLoopback } from './safe-host.ts';
import type { User } from './secrets.ts';

export interface GatewayOptions {
  readonly configuration: Configuration;
  /** `dev` accepts any caller and belongs on loopback; `start` verifies signatures. */
  readonly mode: Mode;
  /** Who may call in `start`. */
  readonly users?: readonly User[];
  /** Lambda functions that run here, by name; those of the file are beside them. */
  readonly functions?: Functions;
  readonly functionsFolder?: string;
  /** Endpoints of AWS services by name, such as `sqs`. */
  readonly services?: Readonly<Record<string, string>>;
  /** In place of the one that the configuration names. */
  readonly engine?: Engine;
  /** Where this process is one of several that the configuration's `workers` asks for. */
  readonly shared?: SharedFolder;
  /** Another of them applies the file: here only its functions run. */
  readonly isFollower?: boolean;
  /** The processes that serve the same port: what is counted is told for all of them. */
  readonly workers?: Workers;
  /** APIs that are there as soon as the gateway is ready. */
  readonly file?: PosternFile;
  /** Where the console's files are; left out, beside the compiled gateway. */
  readonly consoleFolder?: string;
  readonly log: Log;
  /** Receives the lines of stage logs that go to standard output; the process's own when left out. */
  readonly stdout?: (text: string) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

export function createGateway(options: GatewayOptions): Gateway {
  return new Gateway(options);
}

export class Gateway {
  readonly #configuration: Configuration;
  readonly #consoleFiles: ConsoleFiles;
  readonly #engine: Engine;
  readonly #stages: StageTable;
  readonly #hub: Hub;
  readonly #ids: ConnectionIds;
  readonly #backends: AllBackends;
  readonly #work: Work;
  readonly #outbox: DisconnectOutbox;
  readonly #handshakes: Handshakes;
  readonly #listeners: Listeners;
  readonly #localCertificate: LocalCertificate | undefined;
  readonly #certificates: CertificateSource | undefined;
  readonly #clock: Clock;
  readonly #file: PosternFile | undefined;
  readonly #isFollower: boolean;
  readonly #functions: FunctionHost;
  readonly #stageLogs: StageLogs;
  readonly #accessControl: AccessControl;
  #users: readonly User[] = [];
  readonly #recorder: Recorder;
  readonly controlPlane: ControlPlane;
  /** Every event as it ends, for whoever looks. */
  readonly trace: TraceFeed;
  /** What is counted; `snapshot()` has the numbers of now. */
  readonly metrics: Metrics;
  #ports: OpenPorts = { port: 0 };
  #isReady = false;
  #stopped: Promise<void> | undefined;

  constructor(options: GatewayOptions) {
    const { configuration, log, mode } = options;
    const { account: accountId, region } = configuration;
    const clock = options.clock ?? systemClock;
    const random = options.random ?? systemRandom;
    this.#configuration = configuration;
    this.#consoleFiles = new ConsoleFiles(options.consoleFolder);
    this.#clock = clock;
    this.#file = options.file;
    this.#isFollower = options.isFollower ?? false;
    const { shared } = options;
    this.#engine = options.engine ?? createEngine(configuration, { clock, random, shared });
    const store = new CountedStore(this.#engine.resources, () => clock.ticks());
    this.#stages = new StageTable({ store, log, clock });
    this.#hub = new Hub(clock);
    this.#ids = new ConnectionIds(random);
    const { isShared, counters } = this.#engine;
    const makeBucket = isShared ? sharedBuckets(counters, clock) : ownBucket;
    const throttle = new Throttle(configuration, clock, makeBucket);
    const addressLimits = new AddressLimits(clock);
    this.#stages.onRemoved((stage) => {
      this.#hub.retire(stage);
      throttle.forget(stage);
      addressLimits.forget(stage);
      this.metrics.forget(stage);
    });
    this.#stages.onExtensionsChanged((stage) => this.#hub.follow(stage));
    const { local, files } = certificatesOf(configuration, mode, clock, log);
    this.#localCertificate = local;
    this.#certificates = files ?? local;
    this.#backends = createBackends({
      configuration,
      mode,
      clock,
      random,
      log,
      functions: {},
      ...(options.functionsFolder !== undefined && { functionsFolder: options.functionsFolder }),
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
    this.#work = new Work(log);
    this.#engine.bus.onGone(() => this.#outbox.claimSoon());
    this.#engine.bus.onExpelled(() => {
      // The others have told every backend that these connections are over: so they are.
      log.warn('The other nodes took this one for dead: its connections are closed');
      this.#ids.incarnate(this.#engine.bus.self);
      this.#hub.closeAll(closes.goingAway, 'node-gone');
      this.#outbox.claimSoon();
    });
    const { singleUseSignatures } = configuration;
    const accessControl = new AccessControl({
      clock,
      replays:
        singleUseSignatures === 'none' ? undefined : new ReplayGuard(singleUseSignatures === 'all'),
    });
    this.#accessControl = accessControl;
    this.useUsers(options.users ?? []);
    const activity = new Activity({ now: () => clock.now(), connections: () => this.#hub.size });
    const hub = this.#hub;
    this.metrics = new Metrics({
      clock,
      *openConnections() {
        for (const { facts } of hub.all()) yield facts;
      },
    });
    this.#stageLogs = new StageLogs({
      groups: configuration.stageLogs,
      folder: logFolder(configuration),
      http: this.#backends.http,
      log,
      stdout: options.stdout ?? ((text) => void process.stdout.write(text)),
    });
    this.#recorder = new Recorder({
      log: activity.watching(log),
      clock,
      metrics: this.metrics,
      stageLogs: this.#stageLogs,
    });
    const recorder = this.#recorder;
    this.trace = recorder.trace;
    const clientOf = clientAddress(configuration.trustedProxies);
    this.#outbox = new DisconnectOutbox({
      directory: this.#engine.connections,
      settings: configuration,
      stages: this.#stages,
      clock,
      log,
      work: this.#work,
      tell: (attempt) => runDisconnectRoute(plane, attempt),
      taken: (ended) => {
        const reason = 'another node tells the backend';
        const told = { kind: 'failed', reason, isFinal: true } as const;
        recordDisconnect(plane, ended, told, { startedAt: clock.now() });
      },
    });
    const plane: DataPlane = {
      stages: this.#stages,
      hub: this.#hub,
      outbox: this.#outbox,
      ids: this.#ids,
      integrations: new IntegrationRunner(this.#backends),
      clientAddress: clientOf,
      admission: {
        backends: this.#backends,
        usagePlans: new UsagePlans(store, counters, clock, makeBucket),
        jwt: new JwtAuthorizer({
          http: this.#backends.http,
          clock,
          folder: options.functionsFolder ?? process.cwd(),
        }),
        iam: { accessControl, accountId, acceptsUnknownKeys: mode === 'dev' },
        accountId,
        region,
      },
      throttle,
      addressLimits,
      connectionLimits: configuration,
      clock,
      random,
      recorder,
      work: this.#work,
    };
    this.#handshakes = new Handshakes(plane);
    this.controlPlane = createControlPlane({
      store,
      counters,
      clock,
      random,
      accountId,
      region,
      lenient: configuration.lenient,
      httpAuthorizers: configuration.httpAuthorizers,
      endpointOf: (apiId) => `${this.url.replace(/^http/, 'ws')}/${apiId}`,
    });
    const remote = new RemoteConnections(this.#engine.bus, this.#hub);
    const fanOuts = new RemoteFanOuts(this.#engine.bus, new FanOuts(this.#hub, clock));
    const managementApi = new ManagementApi({ ...plane, remote, fanOuts });
    const router = new Router({
      stages: this.#stages,
      managementApi,
      controlPlane: this.controlPlane,
      operations: createOperations({
        hub: this.#hub,
        outbox: this.#outbox,
        deadLetters: this.#engine.connections.deadLetters,
        store,
        clock,
        bus: this.#engine.bus,
        trace: recorder.trace,
        activity,
        node: () => plane.ids.node,
        configuration,
        mode,
        users: () => this.#users,
        managementApi,
        controlPlane: this.controlPlane,
        url: () => this.url,
        adminUrl: () => this.adminUrl,
        isReady: () => this.#isReady,
      }),
      store,
      ...(mode === 'start' && { accessControl }),
      clientAddress: clientOf,
      accountId,
      region,
      clock,
      log,
      recorder,
      metrics: new PrometheusPage(
        this.metrics,
        gaugesOf({
          hub,
          work: this.#work,
          outbox: this.#outbox,
          store: store.counts,
          stageLogs: this.#stageLogs,
          isReady: () => this.#isReady,
        }),
        options.workers,
      ),
      isReady: () => this.#isReady,
      publicUrl: () => this.url,
      consoleFiles: this.#consoleFiles,
    });
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
      push: (request, socket) => router.push(request, socket),
    });
  }

  /** From now on these users may call, with these keys and policies, and nobody else. */
  useUsers(users: readonly User[]): void {
    const { account } = this.#configuration;
    this.#users = users;
    this.#accessControl.use(accessKeysOf(users, account), bearerTokensOf(users, account));
  }

  /** Opens the store, compiles what is deployed, then listens. Rejects with what to do about it. */
  async start(): Promise<{ readonly url: string; readonly port: number }> {
    assertFrameLimit();
    this.#recorder.traceWith(await openTelemetryTracer());
    await this.#engine.start();
    this.#ids.incarnate(this.#engine.bus.self);
    try {
      await this.#stages.start();
      await this.#certificates?.start();
      await this.#functions.use(this.#file?.functions ?? {});
      await this.#backends.start();
      if (this.#file) await this.applyFile(this.#file);
      this.#ports = await this.#listeners.start();
      // Only now the addresses are known that stand in the environment of some.
      await this.#functions.reload();
    } catch (error) {
      this.#stages.stop();
      await this.#backends.lambda.stop();
      await this.#backends.stop();
      await this.#certificates?.stop();
      await this.#engine.stop();
      throw error;
    }
    this.#functions.follow();
    this.#hub.start();
    this.#outbox.start();
    this.#isReady = true;
    return { url: this.url, port: this.#ports.port };
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
    await this.#stages.settled();
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
    const { publicUrl, host } = this.#configuration;
    if (publicUrl !== undefined) return publicUrl;
    return listenUrl(this.scheme, { host, port: this.#ports.port });
  }

  /** Where the control plane answers, where that is a listener of its own. */
  get adminUrl(): string | undefined {
    const { adminPort: port } = this.#ports;
    const { adminHost: host } = this.#configuration;
    if (port === undefined) return undefined;
    return listenUrl(isLoopback(host) ? 'http' : this.scheme, { host, port });
  }

  /** Where the console is, where it was built. */
  get consoleUrl(): string | undefined {
    return this.#consoleFiles.isBuilt ? `${this.adminUrl ?? this.url}${CONSOLE_PATH}` : undefined;
  }

  /** What the port speaks; in `dev` it speaks https as well. */
  get scheme(): 'http' | 'https' {
    return this.#certificates && !this.#localCertificate ? 'https' : 'http';
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
    return this.#stages.all();
  }

  /** Lines of stage logs that never arrived. */
  get stageLogLinesDropped(): number {
    return this.#stageLogs.dropped;
  }

  /** Resolves when every answered change is in force. */
  settled(): Promise<void> {
    return this.#stages.settled();
  }

  async #stop(drainSeconds: number): Promise<void> {
    this.#isReady = false;
    const { drainDelaySeconds } = this.#configuration;
    if (drainDelaySeconds > 0) await pause(this.#clock, drainDelaySeconds * 1000);
    this.#functions.stop();
    this.#handshakes.close();
    this.#listeners.stopAccepting();
    this.#outbox.stop();
    await drain({
      hub: this.#hub,
      work: this.#work,
      clock: this.#clock,
      spreadMillis: this.#configuration.drainSpreadSeconds * 1000,
      limitMillis: drainSeconds * 1000,
    });
    this.#listeners.stop();
    this.#hub.stop();
    this.#stages.stop();
    await this.#certificates?.stop();
    await this.#backends.lambda.stop();
    await this.#stageLogs.stop();
    await this.#backends.stop();
    await this.#engine.stop();
  }
}
