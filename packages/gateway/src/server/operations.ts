/** Puts the operations API together: what it is told of the gateway it runs in. */
import type { Clock } from '../ambient/clock.ts';
import type { Hub } from '../connections/hub.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { DisconnectOutbox } from '../data-plane/disconnect-outbox.ts';
import type { DeadLetters, NodeBus, ResourceStore } from '../engines/engine.ts';
import type { ManagementApi } from '../management-api/management-api.ts';
import type { Workers } from '../monitoring/prometheus.ts';
import type { OperationsContext } from '../operations/operation.ts';
import { OperationsApi } from '../operations/operations-api.ts';
import { RemoteTrace } from '../operations/remote-trace.ts';
import { notFound } from '../resources/problems.ts';
import { parseAddress } from '../stages/address.ts';
import type { Activity, CountedTotals } from '../telemetry/activity.ts';
import type { TraceFeed } from '../telemetry/trace-feed.ts';
import { ApplyError, controlClient } from '../templates/control-client.ts';
import { type ExportFormat, exportApi, exportFormats } from '../templates/export/export-api.ts';
import { readApi } from '../templates/export/read-api.ts';
import { configurationInForce } from './configuration-in-force.ts';
import { controlCall } from './control-call.ts';
import { packageVersion } from './package-version.ts';
import type { User } from './secrets.ts';
import type { Configuration, Mode } from './settings.ts';

export interface OperationsParts {
  readonly hub: Hub;
  readonly outbox: DisconnectOutbox;
  readonly deadLetters: DeadLetters;
  readonly store: ResourceStore;
  readonly clock: Clock;
  readonly bus: NodeBus;
  readonly trace: TraceFeed;
  readonly activity: Activity;
  readonly workers: Workers | undefined;
  /** This node's name. */
  node(): string;
  readonly configuration: Configuration;
  readonly mode: Mode;
  /** Those who may call now. */
  users(): readonly User[];
  readonly managementApi: ManagementApi;
  readonly controlPlane: ControlPlane;
  url(): string;
  adminUrl(): string | undefined;
  isReady(): boolean;
}

export function createOperations(parts: OperationsParts): OperationsApi {
  const { hub, outbox, deadLetters, store, clock, trace, activity } = parts;
  parts.workers?.count(() => activity.totals);
  const { configuration, mode } = parts;
  return new OperationsApi({
    hub,
    store,
    clock,
    bus: parts.bus,
    remoteTrace: new RemoteTrace(parts.bus, trace, clock),
    trace,
    activity,
    totals: () => totalsOf(parts),
    about: {
      version: packageVersion(),
      mode,
      account: configuration.account,
      region: configuration.region,
      get node() {
        return parts.node();
      },
      startedAt: clock.now(),
      url: parts.url,
      adminUrl: parts.adminUrl,
    },
    get configuration() {
      return configurationInForce(configuration, mode, parts.users());
    },
    isReady: parts.isReady,
    deadLetters,
    replay: (id) => outbox.replay(id),
    waitingDisconnects: () => outbox.waiting,
    ...pushers(parts.managementApi),
    exportApi: exporter(parts.controlPlane),
  });
}

async function totalsOf({ workers, activity, node }: OperationsParts): Promise<CountedTotals> {
  const own = { by: node(), totals: activity.totals };
  // Without a supervisor, those who are left count for themselves.
  return workers ? workers.totals().catch(() => own) : own;
}

/** By its path with both names, which no domain or host can mean otherwise. */
function pushers(managementApi: ManagementApi): Pick<OperationsContext, 'push' | 'pushToMany'> {
  const push = async (names: readonly string[], body: Buffer, query = '') => {
    const address = parseAddress('', `/${names.map(encodeSegment).join('/')}`);
    const isTooLong = body.length > managementApi.bodyBytesMax(address);
    const kept = isTooLong ? 'tooLong' : body;
    return managementApi.answer({ method: 'POST', address, query, body: kept });
  };
  return {
    push: (connectionId, { apiId, stage }, body) =>
      push([apiId, stage, '@connections', connectionId], body),
    pushToMany: ({ apiId = '', stage = '' }, query, body) =>
      push([...(apiId === '' ? [] : [apiId]), stage, '@connections'], body, query),
  };
}

const encodeSegment = (name: string) => (name === '@connections' ? name : encodeURIComponent(name));

function exporter(controlPlane: ControlPlane): OperationsContext['exportApi'] {
  const client = controlClient(controlCall(controlPlane));
  return async (apiId, name) => {
    const format = exportFormats.find((one) => one === name) as ExportFormat | undefined;
    if (!format) return undefined;
    try {
      return exportApi(await readApi(client, apiId), format);
    } catch (error) {
      if (error instanceof ApplyError) throw notFound('Api', error.words);
      throw error;
    }
  };
}
