import { type Configuration, loadConfiguration } from '../../src/server/config.ts';
import {
  type GatewayOptions as AllOptions,
  createGateway,
  type Gateway,
} from '../../src/server/gateway.ts';
import type { User } from '../../src/server/secrets.ts';
import type { Log, LogEvent } from '../../src/telemetry/log.ts';
import { FakeClock } from './fake-clock.ts';
import { Queue } from './queue.ts';

export interface GatewayOptions
  extends Pick<
    AllOptions,
    'consoleFolder' | 'functions' | 'functionsFolder' | 'services' | 'engine'
  > {
  readonly mode?: 'dev' | 'start';
  readonly users?: readonly User[];
  readonly settings?: Partial<Configuration>;
}

export interface RouteSpec {
  /** The integration's URI; a route without one, and without a type, has no target. */
  readonly url?: string;
  /** Default HTTP_PROXY. */
  readonly type?: string;
  /** Further members of the integration, as the control plane takes them. */
  readonly integration?: Record<string, unknown>;
  readonly responses?: readonly Record<string, unknown>[];
  readonly method?: string;
  readonly timeoutInMillis?: number;
  readonly twoWay?: boolean;
  readonly requestParameters?: Record<string, string>;
  /** The route's own declaration of required parameters. */
  readonly required?: Record<string, { required: boolean }>;
}

export interface ApiSpec {
  readonly routes: Record<string, RouteSpec>;
  readonly stage?: string;
  readonly stageVariables?: Record<string, string>;
  readonly routeSelectionExpression?: string;
  /** Of the stage; `postern:…` are its settings. */
  readonly tags?: Record<string, string>;
}

export interface TestApi {
  readonly apiId: string;
  readonly stage: string;
  /** Where clients connect: `ws://…/{apiId}/{stage}`. */
  readonly wsUrl: string;
  /** What an SDK is given as its endpoint: `http://…/{apiId}/{stage}`. */
  readonly endpoint: string;
  readonly integrations: Record<string, string>;
  readonly routes: Record<string, string>;
  deploy(): Promise<void>;
}

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly clock: FakeClock;
  readonly events: Queue<LogEvent>;
  /** Lines of stage logs that went to standard output. */
  readonly lines: Queue<string>;
  /** Everything logged as a bug; a test that provokes none finds it empty. */
  readonly errors: unknown[];
  /** What the log warned of. */
  readonly warnings: string[];
  readonly gateway: Gateway;
  /** A control-plane call; the parsed answer. Throws on anything but 2xx. */
  control<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  createApi(spec: ApiSpec): Promise<TestApi>;
  stop(): Promise<void>;
}

/** A real gateway on a free port, with an ephemeral store and a clock that the test moves. */
export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const clock = new FakeClock();
  const events = new Queue<LogEvent>();
  const lines = new Queue<string>();
  const errors: unknown[] = [];
  const warnings: string[] = [];
  const log: Log = {
    event: (event) => events.push(event),
    info() {},
    warn: (message) => warnings.push(message),
    error: (message, error) => errors.push(message, error),
  };
  const mode = options.mode ?? 'dev';
  const argv = ['--port', '0', '--ephemeral'];
  const { configuration } = loadConfiguration({ argv, env: {}, cwd: '/', mode });
  const gateway = createGateway({
    // The clock of a test does not move by itself: nobody would be closed after the first few.
    configuration: { ...configuration, drainSpreadSeconds: 0, ...options.settings },
    mode,
    ...(options.users && { users: options.users }),
    ...(options.consoleFolder && { consoleFolder: options.consoleFolder }),
    ...(options.functions && { functions: options.functions }),
    ...(options.functionsFolder && { functionsFolder: options.functionsFolder }),
    ...(options.services && { services: options.services }),
    ...(options.engine && { engine: options.engine }),
    log,
    stdout(text) {
      for (const line of text.split('\n').slice(0, -1)) lines.push(line);
    },
    clock,
  });
  const { url, port } = await gateway.start();
  const control: TestGateway['control'] = async (method, target, body) => {
    const [path = '', query = ''] = target.split('?', 2);
    const reply = await gateway.controlPlane.handle({
      method,
      path,
      query,
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
    await gateway.settled();
    if (reply.status >= 300) throw new Error(`${method} ${target}: ${reply.status} ${reply.body}`);
    return reply.body === '' ? undefined : JSON.parse(reply.body);
  };
  return {
    url,
    port,
    clock,
    events,
    lines,
    errors,
    warnings,
    gateway,
    control,
    createApi: (spec) => createApi({ url, control }, spec),
    stop: () => gateway.stop({ drainSeconds: 5 }),
  };
}

async function createApi(
  { url, control }: Pick<TestGateway, 'url' | 'control'>,
  spec: ApiSpec,
): Promise<TestApi> {
  const stage = spec.stage ?? 'test';
  const { apiId } = await control<{ apiId: string }>('POST', '/v2/apis', {
    name: 'test',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: spec.routeSelectionExpression ?? '$request.body.action',
  });
  const base = `/v2/apis/${apiId}`;
  const integrations: Record<string, string> = {};
  const routes: Record<string, string> = {};
  for (const [routeKey, route] of Object.entries(spec.routes)) {
    let target: string | undefined;
    if (route.url !== undefined || route.type !== undefined) {
      const { integrationId } = await control<{ integrationId: string }>(
        'POST',
        `${base}/integrations`,
        {
          integrationType: route.type ?? 'HTTP_PROXY',
          integrationMethod: route.type === 'MOCK' ? undefined : (route.method ?? 'POST'),
          integrationUri: route.url,
          timeoutInMillis: route.timeoutInMillis,
          requestParameters: route.requestParameters,
          ...route.integration,
        },
      );
      for (const response of route.responses ?? []) {
        await control(
          'POST',
          `${base}/integrations/${integrationId}/integrationresponses`,
          response,
        );
      }
      integrations[routeKey] = integrationId;
      target = `integrations/${integrationId}`;
    }
    const { routeId } = await control<{ routeId: string }>('POST', `${base}/routes`, {
      routeKey,
      target,
      requestParameters: route.required,
      routeResponseSelectionExpression: route.twoWay ? '$default' : undefined,
    });
    routes[routeKey] = routeId;
    if (route.twoWay) {
      await control('POST', `${base}/routes/${routeId}/routeresponses`, {
        routeResponseKey: '$default',
      });
    }
  }
  await control('POST', `${base}/stages`, {
    stageName: stage,
    stageVariables: spec.stageVariables,
    tags: spec.tags,
  });
  const deploy = async () => {
    await control('POST', `${base}/deployments`, { stageName: stage });
  };
  await deploy();
  return {
    apiId,
    stage,
    wsUrl: `${url.replace(/^http/, 'ws')}/${apiId}/${stage}`,
    endpoint: `${url}/${apiId}/${stage}`,
    integrations,
    routes,
    deploy,
  };
}
