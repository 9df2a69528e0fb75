/**
 * The six metrics that API Gateway sends to CloudWatch for a WebSocket API (developer guide, "Monitor
 * WebSocket API execution with CloudWatch metrics"), with the dimensions and the counting seen on AWS.
 */
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { errorKindOf } from './error-kind.ts';
import type { Facts, IntegrationFacts } from './facts.ts';
import { Histogram } from './histogram.ts';

/** Since the gateway started. */
export interface Counts {
  connectCount: number;
  messageCount: number;
  clientError: number;
  executionError: number;
  integrationError: number;
  /** Events that the three error metrics were asked about: AWS publishes their zeros too. */
  errorSamples: number;
  readonly integrationLatency: Histogram;
}

export interface StageCounts {
  readonly apiId: string;
  readonly stage: string;
  readonly total: Counts;
  /** Only routes that have, or had, detailed metrics. */
  readonly routes: Map<string, Counts>;
}

/** One metric as CloudWatch's GetMetricData has it. */
export interface Datum {
  readonly metricName: MetricName;
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
  readonly unit: 'Count' | 'Milliseconds';
  readonly sum: number;
  readonly sampleCount: number;
}

export type MetricName =
  | 'ConnectCount'
  | 'MessageCount'
  | 'ClientError'
  | 'ExecutionError'
  | 'IntegrationError'
  | 'IntegrationLatency';

export class CloudWatchMetrics {
  readonly #stages = new Map<string, StageCounts>();
  /** Spares a message the joining of names; a stage that is deployed anew is another object. */
  readonly #known = new WeakMap<CompiledStage, StageCounts>();

  count(facts: Facts): void {
    const { stage, event } = facts;
    if (!stage) return;
    const steps = stepsOf(facts);
    if (!steps) return;
    const counts = this.#countsOf(stage);
    apply(counts.total, steps);
    const { route } = event;
    if (route === undefined) return;
    const { routes, usual } = stage.monitoring;
    if (!(routes.get(route) ?? usual).detailedMetrics) return;
    let ofRoute = counts.routes.get(route);
    if (!ofRoute) {
      ofRoute = noCounts();
      counts.routes.set(route, ofRoute);
    }
    apply(ofRoute, steps);
  }

  /** The stage is gone, and so are its metrics: the ends of its connections, told from here on, are nobody's. */
  forget(stage: CompiledStage): void {
    // Known, so that they do not begin anew.
    this.#countsOf(stage);
    this.#stages.delete(`${stage.apiId}/${stage.stageName}`);
  }

  stages(): readonly StageCounts[] {
    return [...this.#stages.values()];
  }

  /** In AWS's three sets of dimensions: ApiId; ApiId and Stage; with Route where it is detailed. */
  data(): Datum[] {
    const apis = new Map<string, Counts>();
    const data: Datum[] = [];
    for (const { apiId, stage, total, routes } of this.#stages.values()) {
      const ofApi = apis.get(apiId) ?? noCounts();
      apis.set(apiId, ofApi);
      add(ofApi, total);
      const names = { ApiId: apiId, Stage: stage };
      data.push(...dataOf(names, total));
      for (const [route, counts] of routes)
        data.push(...dataOf({ ...names, Route: route }, counts));
    }
    return [...[...apis].flatMap(([apiId, counts]) => dataOf({ ApiId: apiId }, counts)), ...data];
  }

  #countsOf(stage: CompiledStage): StageCounts {
    const known = this.#known.get(stage);
    if (known) return known;
    const { apiId, stageName } = stage;
    const key = `${apiId}/${stageName}`;
    const counts = this.#stages.get(key) ?? {
      apiId,
      stage: stageName,
      total: noCounts(),
      routes: new Map(),
    };
    this.#stages.set(key, counts);
    this.#known.set(stage, counts);
    return counts;
  }
}

/** What one event adds. */
interface Steps {
  readonly connects: number;
  readonly messages: number;
  readonly error: ReturnType<typeof errorKindOf>;
  readonly latencyMillis: number | undefined;
}

function stepsOf(facts: Facts): Steps | undefined {
  const { event, integration, replied } = facts;
  const error = errorKindOf(facts);
  const latencyMillis = integration && latencyOf(integration);
  switch (event.kind) {
    case 'connect': {
      // What the gateway itself refuses is no message to the $connect integration.
      const connects = integration !== undefined || event.status < 300 ? 1 : 0;
      if (connects === 0 && !error) return undefined;
      return { connects, messages: connects, error, latencyMillis };
    }
    case 'message':
      if (event.status === 429) return undefined;
      return { connects: 0, messages: replied ? 2 : 1, error, latencyMillis };
    case 'disconnect':
      return { connects: 0, messages: event.retry ? 0 : 1, error, latencyMillis };
    case 'push':
      if (event.status !== 200) return undefined;
      return { connects: 0, messages: 1, error: undefined, latencyMillis: undefined };
    case 'fan-out':
      if (!event.delivered) return undefined;
      // A message is metered for each connection it goes to, as pushes one by one would be.
      return {
        connects: 0,
        messages: event.delivered,
        error: undefined,
        latencyMillis: undefined,
      };
    default:
      return undefined;
  }
}

/** The guide: absent for MOCK. Nor is there any where the backend was never called. */
function latencyOf({ kind, millis, status, failure }: IntegrationFacts): number | undefined {
  if (kind === 'MOCK') return undefined;
  const wasCalled = status !== undefined || /^(?:backend|function)-/.test(failure?.rule ?? '');
  return wasCalled ? millis : undefined;
}

function apply(counts: Counts, { connects, messages, error, latencyMillis }: Steps): void {
  counts.connectCount += connects;
  counts.messageCount += messages;
  counts.errorSamples += 1;
  if (error === 'client') counts.clientError += 1;
  else if (error === 'execution') counts.executionError += 1;
  else if (error === 'integration') counts.integrationError += 1;
  if (latencyMillis !== undefined) counts.integrationLatency.add(latencyMillis);
}

function noCounts(): Counts {
  return {
    connectCount: 0,
    messageCount: 0,
    clientError: 0,
    executionError: 0,
    integrationError: 0,
    errorSamples: 0,
    integrationLatency: new Histogram(),
  };
}

function add(to: Counts, from: Counts): void {
  to.connectCount += from.connectCount;
  to.messageCount += from.messageCount;
  to.clientError += from.clientError;
  to.executionError += from.executionError;
  to.integrationError += from.integrationError;
  to.errorSamples += from.errorSamples;
  to.integrationLatency.addAll(from.integrationLatency);
}

function dataOf(names: Readonly<Record<string, string>>, counts: Counts): Datum[] {
  const dimensions = Object.entries(names).map(([name, value]) => ({ name, value }));
  const { connectCount, messageCount, errorSamples, integrationLatency } = counts;
  const datum = (metricName: MetricName, sum: number, sampleCount: number): Datum => ({
    metricName,
    dimensions,
    unit: metricName === 'IntegrationLatency' ? 'Milliseconds' : 'Count',
    sum,
    sampleCount,
  });
  return [
    datum('ConnectCount', connectCount, connectCount),
    datum('MessageCount', messageCount, messageCount),
    datum('ClientError', counts.clientError, errorSamples),
    datum('ExecutionError', counts.executionError, errorSamples),
    datum('IntegrationError', counts.integrationError, errorSamples),
    datum('IntegrationLatency', integrationLatency.sum, integrationLatency.count),
  ].filter(({ sampleCount }) => sampleCount > 0);
}
