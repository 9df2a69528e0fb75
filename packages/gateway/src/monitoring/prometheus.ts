/**
 * What is counted, in Prometheus' text format. prom-client writes it and adds what it knows of the
 * process; it is loaded, and begins to watch the event loop, when somebody asks for the first time.
 * Counting itself is ours: prom-client's own counters look their labels up at every step.
 */
import type { Registry } from 'prom-client';
import type { CountedTotals, Totals } from '../telemetry/activity.ts';
import type { Counts } from './cloudwatch-metrics.ts';
import { type Across, type Family, type Gathered, putTogether, type Sample } from './families.ts';
import { boundsMillis, type Histogram } from './histogram.ts';
import type { Metrics } from './metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** A family that is read when it is asked for. */
interface Source extends Omit<Family, 'values'> {
  samples(): Sample[];
}

/** Numbers of other parts, each read when it is asked for. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** How those of several processes become one; summed when left out. */
  readonly across?: Across;
  read(): number;
}

/** The processes that serve one port together, this one among them. */
export interface Workers {
  /** Calls `tell` whenever one of them wants to know what this one has counted. */
  answer(tell: () => Promise<readonly Family[]>): void;
  gather(): Promise<Gathered>;
  /** Reads `totals` whenever one of them wants to know the sum. */
  count(totals: () => Totals): void;
  /** The sum, also of those that have ended. */
  totals(): Promise<CountedTotals>;
}

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class PrometheusPage {
  readonly #sources: readonly Source[];
  readonly #workers: Workers | undefined;
  #registry: Promise<Registry> | undefined;

  constructor(metrics: Metrics, gauges: readonly Gauge[], workers?: Workers) {
    this.#sources = [
      ...sourcesOf(metrics),
      ...gauges.map(({ name, help, type, across = 'sum', read }) => ({
        name,
        help,
        type,
        across,
        samples: () => [{ labels: {}, value: read() }],
      })),
    ];
    this.#workers = workers;
    workers?.answer(() => this.#families());
  }

  /** Of all that serve this port, whichever is asked. */
  async text(): Promise<string> {
    if (!this.#workers) return (await this.#own()).metrics();
    return textOf(putTogether(await this.#workers.gather()));
  }

  /** Without what has no value, such as the mean of nothing: JSON has no word for it. */
  async #families(): Promise<readonly Family[]> {
    const families = (await (await this.#own()).getMetricsAsJSON()) as unknown as readonly Family[];
    return families.map((family) => ({
      ...family,
      values: family.values.filter(({ value }) => Number.isFinite(value)),
    }));
  }

  #own(): Promise<Registry> {
    this.#registry ??= createRegistry(this.#sources);
    return this.#registry;
  }
}

async function createRegistry(sources: readonly Source[]): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { samples, ...family } of sources) {
    register(registry, family.name, () => ({ ...family, values: samples() }));
  }
  return registry;
}

async function textOf(families: readonly Family[]): Promise<string> {
  const { Registry } = await import('prom-client');
  const registry = new Registry();
  for (const family of families) register(registry, family.name, () => family);
  return registry.metrics();
}

/** What a registry asks of a metric, and no more than that: its published type is a class. */
function register(registry: Registry, name: string, read: () => Family): void {
  const metric = { name, get: async () => read(), reset() {} };
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}

/** AWS's metrics by stage, and by route where the stage or the route has detailed ones. */
const COUNTERS = [
  ['connect_count', 'ConnectCount: handshakes that reached $connect.', 'connectCount'],
  ['message_count', 'MessageCount: messages to and from clients.', 'messageCount'],
  ['client_errors', 'ClientError: what the gateway answered with 4XX.', 'clientError'],
  ['execution_errors', 'ExecutionError: integrations that could not be called.', 'executionError'],
  ['integration_errors', 'IntegrationError: 4XX and 5XX of integrations.', 'integrationError'],
] as const satisfies readonly (readonly [string, string, keyof Counts])[];

function sourcesOf(metrics: Metrics): Source[] {
  return [
    {
      name: 'postern_connections',
      help: 'Open connections.',
      type: 'gauge',
      across: 'sum',
      samples: () =>
        metrics.connections().map(({ apiId, stage, open }) => ({
          labels: { api_id: apiId, stage },
          value: open,
        })),
    },
    ...COUNTERS.flatMap(([name, help, key]) => [
      counter(`postern_stage_${name}_total`, `${help} AWS's, by stage.`, () =>
        ofStages(metrics).map(({ labels, counts }) => ({ labels, value: counts[key] })),
      ),
      counter(`postern_route_${name}_total`, `${help} AWS's, of detailed routes.`, () =>
        ofRoutes(metrics).map(({ labels, counts }) => ({ labels, value: counts[key] })),
      ),
    ]),
    histogram('postern_stage_integration_latency', "IntegrationLatency. AWS's, by stage.", () =>
      ofStages(metrics).map(({ labels, counts }) => [labels, counts.integrationLatency] as const),
    ),
    histogram('postern_route_integration_latency', "IntegrationLatency. AWS's, by route.", () =>
      ofRoutes(metrics).map(({ labels, counts }) => [labels, counts.integrationLatency] as const),
    ),
    histogram('postern_event_duration', 'Events by kind, from their first byte to their end.', () =>
      [...metrics.totals().events].map(([kind, counts]) => [{ kind }, counts] as const),
    ),
    counter(
      'postern_failures_total',
      'What was refused, failed, or ended as nobody wished, by rule.',
      () => pairs(metrics.totals().failures, 'kind', 'rule'),
    ),
    counter('postern_integration_calls_total', 'Runs of integrations, by type.', () =>
      pairs(metrics.totals().integrations, 'type', 'outcome'),
    ),
    counter('postern_message_bytes_total', 'Bytes of messages from clients.', () => [
      { labels: {}, value: metrics.totals().messageBytes },
    ]),
    counter('postern_push_bytes_total', 'Bytes pushed to clients.', () => [
      { labels: {}, value: metrics.totals().pushBytes },
    ]),
  ];
}

const counter = (name: string, help: string, samples: () => Sample[]): Source => ({
  name,
  help,
  type: 'counter',
  across: 'sum',
  samples,
});

function ofStages({ cloudWatch }: Metrics) {
  return cloudWatch
    .stages()
    .map(({ apiId, stage, total }) => ({ labels: { api_id: apiId, stage }, counts: total }));
}

function ofRoutes({ cloudWatch }: Metrics) {
  return cloudWatch
    .stages()
    .flatMap(({ apiId, stage, routes }) =>
      [...routes].map(([route, counts]) => ({ labels: { api_id: apiId, stage, route }, counts })),
    );
}

function pairs(counts: ReadonlyMap<string, number>, first: string, second: string): Sample[] {
  return [...counts].map(([key, value]) => {
    const [one = '', other = ''] = key.split(' ', 2);
    return { labels: { [first]: one, [second]: other }, value };
  });
}

/** In seconds, as Prometheus counts time, and cumulative, as it counts buckets. */
function histogram(
  base: string,
  help: string,
  read: () => (readonly [Labels, Histogram])[],
): Source {
  const name = `${base}_seconds`;
  return {
    name,
    help,
    type: 'histogram',
    across: 'sum',
    samples: () =>
      read().flatMap(([labels, { counts, count, sum }]) => {
        let below = 0;
        const buckets = boundsMillis.map((bound, at) => {
          below += counts[at]!;
          return {
            metricName: `${name}_bucket`,
            labels: { ...labels, le: String(bound / 1000) },
            value: below,
          };
        });
        return [
          ...buckets,
          { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
          { metricName: `${name}_sum`, labels, value: sum / 1000 },
          { metricName: `${name}_count`, labels, value: count },
        ];
      }),
  };
}
