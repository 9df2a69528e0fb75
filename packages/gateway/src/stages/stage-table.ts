/**
 * The stages in force: every deployed stage of every API, compiled, on this node. A change in the
 * store swaps one reference; sockets look their stage up per message and so follow a deployment.
 */
import type { Clock } from '../ambient/clock.ts';
import { EngineUnavailable, type ResourceStore } from '../engines/engine.ts';
import {
  API_PREFIX,
  type ApiDocument,
  apiDocumentKey,
  deploymentKey,
} from '../resources/api-document.ts';
import {
  CLIENT_CERTIFICATE_PREFIX,
  type ClientCertificate,
} from '../resources/client-certificate.ts';
import { type CompiledStage, compileStage } from '../resources/compiled-stage.ts';
import type { DeploymentDocument } from '../resources/deployment.ts';
import { DOMAIN_PREFIX } from '../resources/domain-name.ts';
import type { Stage } from '../resources/stage.ts';
import type { Log } from '../telemetry/log.ts';
import { DomainTable } from './domain-table.ts';

export interface StageTableOptions {
  readonly store: ResourceStore;
  readonly log: Log;
  readonly clock: Pick<Clock, 'after'>;
}

type Stages = ReadonlyMap<string, CompiledStage>;
type StageListener = (stage: CompiledStage) => void;

const READ_ATTEMPTS_MAX = 5;
const RETRY_MILLIS = 1000;

export class StageTable {
  readonly #store: ResourceStore;
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #apis = new Map<string, Stages>();
  readonly #reloads = new Map<string, Promise<void>>();
  /** Custom domain names, loaded and followed together with the stages they lead to. */
  readonly domains: DomainTable;
  #removed: StageListener = () => {};
  #changed: StageListener = () => {};
  #unwatch: () => void = () => {};
  #isStopped = false;
  #loads = 0;

  constructor(options: StageTableOptions) {
    this.#store = options.store;
    this.#log = options.log;
    this.#clock = options.clock;
    this.domains = new DomainTable(options.store);
  }

  /** Compiles everything that is deployed, then follows the store. */
  async start(): Promise<void> {
    this.#unwatch = this.#store.watch(async (keys) => {
      if (keys === 'all') return this.#reloadAllInTime();
      for (const key of keys) this.#reload(key);
      await this.settled();
    });
    await this.#reloadAll();
  }

  stop(): void {
    this.#isStopped = true;
    this.#unwatch();
  }

  /** Called when a stage, or its API, is no longer there to serve its open connections. */
  onRemoved(listener: StageListener): void {
    this.#removed = listener;
  }

  /** Called with the new form of a stage whose `extensions` are others than before. */
  onExtensionsChanged(listener: StageListener): void {
    this.#changed = listener;
  }

  /** Another number whenever another stage or domain may be in force. */
  get version(): number {
    return this.#loads + this.domains.loads;
  }

  find(apiId: string, stageName: string): CompiledStage | undefined {
    return this.#apis.get(apiId)?.get(stageName);
  }

  /** Every API that has a deployed stage of this name. */
  apisWithStage(stageName: string): string[] {
    return [...this.#apis].filter(([, stages]) => stages.has(stageName)).map(([apiId]) => apiId);
  }

  all(): CompiledStage[] {
    return [...this.#apis.values()].flatMap((stages) => [...stages.values()]);
  }

  /** Resolves when every change seen so far is in force, so that an answered write can be relied on. */
  async settled(): Promise<void> {
    while (this.#reloads.size > 0) await Promise.all(this.#reloads.values());
  }

  async #reloadAllInTime(): Promise<void> {
    try {
      await this.#reloadAll();
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      this.#clock.after(RETRY_MILLIS, () => {
        if (!this.#isStopped) void this.#reloadAllInTime();
      });
    }
  }

  /** What is there, and what was: it may be gone. */
  async #reloadAll(): Promise<void> {
    const keys = new Set([...this.#apis.keys()].map(apiDocumentKey));
    for (const name of this.domains.names()) keys.add(DOMAIN_PREFIX + name);
    for (const prefix of [API_PREFIX, DOMAIN_PREFIX]) {
      for (const { key } of await this.#store.list(prefix)) keys.add(key);
    }
    for (const key of keys) this.#reload(key);
    await this.settled();
  }

  /** Reloads of one key run one after the other, so an older document never overwrites a newer one. */
  #reload(key: string): void {
    const load = this.#loaderOf(key);
    if (!load) return;
    const previous = this.#reloads.get(key) ?? Promise.resolve();
    const next = previous
      .then(load)
      .catch((error: unknown) => this.#failed(key, error))
      .finally(() => {
        if (this.#reloads.get(key) === next) this.#reloads.delete(key);
      });
    this.#reloads.set(key, next);
  }

  /** A store that is out of reach is asked again until it is back: no change is forgotten. */
  #failed(key: string, error: unknown): void {
    if (!(error instanceof EngineUnavailable)) {
      this.#log.error('A change could not be loaded', error, { key });
    } else if (!this.#isStopped) {
      this.#clock.after(RETRY_MILLIS, () => {
        if (!this.#isStopped) this.#reload(key);
      });
    }
  }

  #loaderOf(key: string): (() => Promise<void>) | undefined {
    if (key.startsWith(API_PREFIX)) return () => this.#load(key.slice(API_PREFIX.length));
    if (key.startsWith(DOMAIN_PREFIX)) {
      return () => this.domains.load(key.slice(DOMAIN_PREFIX.length));
    }
    return undefined;
  }

  async #load(apiId: string): Promise<void> {
    const stages = await this.#compileApi(apiId);
    const before: Stages = this.#apis.get(apiId) ?? new Map();
    this.#loads += 1;
    if (stages.size > 0) this.#apis.set(apiId, stages);
    else this.#apis.delete(apiId);
    for (const [stageName, stage] of before) {
      const after = stages.get(stageName);
      if (!after) this.#removed(stage);
      else if (after.extensions !== stage.extensions) this.#changed(after);
    }
  }

  async #compileApi(apiId: string): Promise<Stages> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await this.#store.get(apiDocumentKey(apiId));
      if (!stored) return new Map();
      const document = stored.value as ApiDocument;
      // HTTP APIs are kept for the tools that manage them; nothing here serves them.
      if (document.api.protocolType !== 'WEBSOCKET') return new Map();
      const stages = await this.#compile(document);
      // A deployment may be replaced and removed between the two reads: then look again.
      if (stages || attempt === READ_ATTEMPTS_MAX) return stages ?? new Map();
    }
  }

  /** `undefined` when a stage points at a deployment that is no longer there. */
  async #compile(document: ApiDocument): Promise<Stages | undefined> {
    const stages = new Map<string, CompiledStage>();
    const { apiId } = document.api;
    for (const stage of Object.values(document.stages)) {
      if (stage.deploymentId === undefined) continue;
      const deployment = await this.#store.get(deploymentKey(apiId, stage.deploymentId));
      if (!deployment) return undefined;
      const certificate = await this.#certificateOf(stage);
      try {
        const document = deployment.value as DeploymentDocument;
        stages.set(stage.stageName, compileStage(stage, document, certificate));
      } catch (error) {
        this.#log.error('A stage could not be compiled', error, { apiId, stage: stage.stageName });
      }
    }
    return stages;
  }

  async #certificateOf({ clientCertificateId }: Stage): Promise<ClientCertificate | undefined> {
    if (!clientCertificateId) return undefined;
    const stored = await this.#store.get(CLIENT_CERTIFICATE_PREFIX + clientCertificateId);
    return stored?.value as ClientCertificate | undefined;
  }
}
