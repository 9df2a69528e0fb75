import type { Cleanup } from './cleanup.ts';
import { type RunningProcess, startProcess } from './process.ts';

export interface GatewayOptions {
  readonly mode?: 'dev' | 'start';
  /** What follows the command: `--data`, `--config`, `--backend` … */
  readonly args?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningGateway extends RunningProcess {
  /** `http://127.0.0.1:PORT`: control plane, and management API under each stage. */
  readonly url: string;
  readonly port: number;
  /** `ws://127.0.0.1:PORT/production` */
  readonly webSocketUrl: string;
  /** `http://127.0.0.1:PORT/production`: endpoint_url for pushing. */
  readonly endpointUrl: string;
}

/** Starts the built gateway as its users do, with the command `postern`. */
export async function startGateway(
  cleanup: Cleanup,
  { mode = 'dev', args = ['--ephemeral'], port = 0, env = {} }: GatewayOptions = {},
): Promise<RunningGateway> {
  const command = ['packages/gateway/bin/postern.js', mode, '--port', String(port), ...args];
  const running = await startProcess(cleanup, {
    file: process.execPath,
    args: command,
    env,
    ready: /^Postern ready on (http:\/\/127\.0\.0\.1:(\d+))$/,
  });
  const url = running.ready[1]!;
  return Object.assign(running, {
    url,
    port: Number(running.ready[2]),
    webSocketUrl: `${url.replace('http', 'ws')}/production`,
    endpointUrl: `${url}/production`,
  });
}

/** Ends the gateway the hard way: nothing of it runs after this moment. */
export async function killGateway(gateway: RunningGateway): Promise<void> {
  gateway.signal('SIGKILL');
  await gateway.ended;
}
