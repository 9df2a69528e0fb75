/** Puts together what the stories of a connection are told with, and joins it to the engine. */
import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import { JwtAuthorizer } from '../authorizers/jwt-authorizer.ts';
import { ConnectionIds } from '../connections/connection-id.ts';
import type { Hub } from '../connections/hub.ts';
import { clientAddress } from '../data-plane/client-address.ts';
import { type DataPlane, Work } from '../data-plane/data-plane.ts';
import { DisconnectOutbox } from '../data-plane/disconnect-outbox.ts';
import { recordDisconnect, runDisconnectRoute } from '../data-plane/disconnect-route.ts';
import type { Engine, ResourceStore } from '../engines/engine.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { IntegrationRunner } from '../integrations/run-integration.ts';
import { StageTable } from '../stages/stage-table.ts';
import type { Log } from '../telemetry/log.ts';
import { AddressLimits } from '../throttling/address-limits.ts';
import { ownBucket } from '../throttling/bucket.ts';
import { sharedBuckets } from '../throttling/shared-bucket.ts';
import { Throttle } from '../throttling/throttle.ts';
import { UsagePlans } from '../throttling/usage-plans.ts';
import { closes } from '../wire/close-codes.ts';
import type { AllBackends } from './backends.ts';
import type { Configuration, Mode } from './config.ts';
import type { Observers } from './observers.ts';

export interface DataPlaneParts {
  readonly configuration: Configuration;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly engine: Engine;
  readonly store: ResourceStore;
  readonly hub: Hub;
  readonly backends: AllBackends;
  readonly observers: Observers;
  readonly accessControl: AccessControl;
  /** Where relative paths of keys begin. */
  readonly folder: string;
}

export function createDataPlane(parts: DataPlaneParts): DataPlane {
  const { configuration, clock, random, log, engine, store, hub, backends } = parts;
  const { recorder } = parts.observers;
  const stages = new StageTable({ store, log, clock });
  const work = new Work(log);
  const makeBucket = engine.isShared ? sharedBuckets(engine.counters, clock) : ownBucket;
  const outbox = new DisconnectOutbox({
    directory: engine.connections,
    settings: configuration,
    stages,
    clock,
    log,
    work,
    tell: (attempt) => runDisconnectRoute(plane, attempt),
    taken: (ended) => {
      const reason = 'another node tells the backend';
      const told = { kind: 'failed', reason, isFinal: true } as const;
      recordDisconnect(plane, ended, told, { startedAt: clock.now() });
    },
  });
  const plane: DataPlane = {
    stages,
    hub,
    outbox,
    ids: new ConnectionIds(random),
    integrations: new IntegrationRunner(backends),
    clientAddress: clientAddress(configuration.trustedProxies),
    admission: admissionOf(parts, new UsagePlans(store, engine.counters, clock, makeBucket)),
    throttle: new Throttle(configuration, clock, makeBucket),
    addressLimits: new AddressLimits(clock),
    connectionLimits: configuration,
    clock,
    random,
    recorder,
    work,
  };
  followStages(plane, parts.observers);
  followNodes(plane, engine, log);
  return plane;
}

function admissionOf(parts: DataPlaneParts, usagePlans: UsagePlans): DataPlane['admission'] {
  const { configuration, mode, clock, log, backends, accessControl, folder } = parts;
  const { account: accountId, region } = configuration;
  return {
    backends,
    usagePlans,
    jwt: new JwtAuthorizer({ http: backends.http, clock, log, folder }),
    iam: { accessControl, accountId, acceptsUnknownKeys: mode === 'dev' },
    accountId,
    region,
  };
}

/** What is kept for a stage ends with it. */
function followStages(
  { stages, hub, throttle, addressLimits }: DataPlane,
  { metrics }: Observers,
): void {
  stages.onRemoved((stage) => {
    hub.retire(stage);
    throttle.forget(stage);
    addressLimits.forget(stage);
    metrics.forget(stage);
  });
  stages.onExtensionsChanged((stage) => hub.follow(stage));
}

/** Connections of nodes that are gone are somebody's to end; ours, where the others took us for gone. */
function followNodes({ hub, ids, outbox }: DataPlane, { bus }: Engine, log: Log): void {
  bus.onGone(() => outbox.claimSoon());
  bus.onExpelled(() => {
    // The others have told every backend that these connections are over: so they are.
    log.warn('The other nodes took this one for dead: its connections are closed');
    ids.incarnate(bus.self);
    hub.closeAll(closes.goingAway, 'node-gone');
    outbox.claimSoon();
  });
}
