/** Puts together what answers HTTP: the management API, the control plane and the operations API. */
import { FanOuts } from '../connections/fan-out.ts';
import { RemoteConnections } from '../connections/remote-connections.ts';
import { RemoteFanOuts } from '../connections/remote-fan-outs.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { DataPlane } from '../data-plane/data-plane.ts';
import type { CountedStore } from '../engines/counted-store.ts';
import type { Engine } from '../engines/engine.ts';
import { ManagementApi } from '../management-api/management-api.ts';
import { PrometheusPage, type Workers } from '../monitoring/prometheus.ts';
import type { Log } from '../telemetry/log.ts';
import type { Addresses } from './addresses.ts';
import type { Callers } from './callers.ts';
import type { Configuration, Mode } from './config.ts';
import type { ConsoleFiles } from './console-files.ts';
import { gaugesOf } from './metrics-gauges.ts';
import type { Observers } from './observers.ts';
import { createOperations } from './operations.ts';
import { Router } from './router.ts';

export interface RouterParts {
  readonly configuration: Configuration;
  readonly mode: Mode;
  readonly log: Log;
  readonly engine: Engine;
  readonly store: CountedStore;
  readonly plane: DataPlane;
  readonly controlPlane: ControlPlane;
  readonly observers: Observers;
  readonly callers: Callers;
  readonly addresses: Addresses;
  readonly consoleFiles: ConsoleFiles;
  readonly workers: Workers | undefined;
  isReady(): boolean;
}

export function createRouter(parts: RouterParts): Router {
  const { configuration, mode, log, engine, store, plane, controlPlane, callers } = parts;
  const { observers, addresses, isReady } = parts;
  const { hub, outbox, clock, stages, recorder, work } = plane;
  const { metrics, stageLogs, activity } = observers;
  const managementApi = new ManagementApi({
    ...plane,
    remote: new RemoteConnections(engine.bus, hub),
    fanOuts: new RemoteFanOuts(engine.bus, new FanOuts(hub, clock)),
  });
  const operations = createOperations({
    hub,
    outbox,
    deadLetters: engine.connections.deadLetters,
    store,
    clock,
    bus: engine.bus,
    trace: recorder.trace,
    activity,
    workers: parts.workers,
    node: () => plane.ids.node,
    configuration,
    mode,
    users: () => callers.users,
    managementApi,
    controlPlane,
    url: () => addresses.url,
    adminUrl: () => addresses.adminUrl,
    isReady,
  });
  const gauges = gaugesOf({ hub, work, outbox, store: store.counts, stageLogs, isReady });
  return new Router({
    stages,
    managementApi,
    controlPlane,
    operations,
    store,
    ...(mode === 'start' && { accessControl: callers.accessControl }),
    clientAddress: plane.clientAddress,
    accountId: configuration.account,
    region: configuration.region,
    clock,
    log,
    recorder,
    metrics: new PrometheusPage(metrics, gauges, parts.workers),
    isReady,
    publicUrl: () => addresses.url,
    consoleFiles: parts.consoleFiles,
  });
}
