/** An ephemeral gateway for other people's test suites: free port, nothing on disk, any credentials. */
import { loadConfiguration } from './server/config.ts';
import { createGateway, type Gateway } from './server/gateway.ts';
import { silentLog } from './telemetry/log.ts';
import { newcomerApi } from './templates/newcomer-api.ts';
import { emptyPosternFile } from './templates/postern-file.ts';

export interface TestGatewayOptions {
  /** Base URL of the backend: its `/ws/connect`, `/ws/disconnect` and `/ws/message` are called. */
  readonly backend?: string;
}

export interface TestGateway {
  /** What the control plane's clients are given as endpoint. */
  readonly url: string;
  /** Where clients connect, when there is a `backend`. */
  readonly webSocketUrl: string;
  /** What the management API's clients are given as endpoint, when there is a `backend`. */
  readonly endpoint: string;
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

/** Resolves once the gateway accepts connections on 127.0.0.1. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { configuration } = loadConfiguration({
    argv: ['--port', '0', '--ephemeral'],
    env: {},
    cwd: '/',
    mode: 'dev',
  });
  const gateway = createGateway({ configuration, mode: 'dev', log: silentLog });
  const { url } = await gateway.start();
  if (options.backend !== undefined) {
    await gateway.applyFile({ ...emptyPosternFile, apis: [newcomerApi(options.backend)] });
  }
  const endpoint = `${url}/production`;
  return {
    url,
    endpoint,
    webSocketUrl: endpoint.replace(/^http/, 'ws'),
    gateway,
    stop: () => gateway.stop(),
  };
}
