/**
 * What is counted, in Prometheus' text format. prom-client writes it and adds what it knows of the
 * process; it is loaded, and begins to watch the event loop, when somebody asks for the first time.
 * Counting itself is ours: prom-client's own counters look their labels up at every step.
 */
import type { Registry } from 'prom-client';
import type { Counts } from './cloudwatch-metrics.ts';
import { boundsMillis, type Histogram } from './histogram.ts';
import type { Metrics } from './metrics.ts';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Where it is not the metric's own: the parts of a histogram. */
  readonly metricName?: string;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): Sample[];
}

/** Numbers of other parts, each read when it is asked for. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  read(): number;
}

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class PrometheusPage {
  readonly #families: readonly Family[];
  #registry: Promise<Registry> | undefined;

  constructor(metrics: Metrics, gauges: readonly Gauge[]) {
    this.#families = [
      ...familiesOf(metrics),
      ...gauges.map(({ name, help, type, read }) => ({
        name,
        help,
        type,
        samples: () => [{ labels: {}, value: read() }],
      })),
    ];
  }

  async text(): Promise<string> {
    this.#registry ??= createRegistry(this.#families);
    return (await this.#registry).metrics();
  }
}

async function createRegistry(families: readonly Family[]): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name, help, type, samples } of families) {
    // What a registry asks of a metric, and no more than that: its published type is a class.
    const metric = { name, get: async () => ({ name, help, type, values: samples() }), reset() {} };
    registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
  }
  return registry;
}

/** AWS's metrics by stage, and by route where the stage or the route has detailed ones. */
const COUNTERS = [
  ['connect_count', 'ConnectCount: handshakes that reached $connect.', 'connectCount'],
  ['message_count', 'MessageCount: messages to and from clients.', 'messageCount'],
  ['client_errors', 'ClientError: what the gateway answered with 4XX.', 'clientError'],
  ['execution_errors', 'ExecutionError: integrations that could not be called.', 'executionError'],
  ['integration_errors', 'IntegrationError: 4XX and 5XX of integrations.', 'integrationError'],
] as const satisfies readonly (readonly [string, string, keyof Counts])[];

function familiesOf(metrics: Metrics): Family[] {
  return [
    {
      name: 'postern_connections',
      help: 'Open connections.',
      type: 'gauge',
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

const counter = (name: string, help: string, samples: () => Sample[]): Family => ({
  name,
  help,
  type: 'counter',
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
): Family {
  const name = `${base}_seconds`;
  return {
    name,
    help,
    type: 'histogram',
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
