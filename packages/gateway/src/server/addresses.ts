/** Where the gateway is reached: as configured, and as the ports turned out. */
import { listenUrl } from './admin-address.ts';
import type { Configuration } from './config.ts';
import { CONSOLE_PATH } from './console-files.ts';
import type { OpenPorts } from './listeners.ts';
import { isLoopback } from './safe-host.ts';

export class Addresses {
  /** What the public port speaks; in `dev` it speaks https as well. */
  readonly scheme: 'http' | 'https';
  readonly #configuration: Pick<Configuration, 'publicUrl' | 'host' | 'adminHost'>;
  #ports: OpenPorts = { port: 0 };

  constructor(
    configuration: Pick<Configuration, 'publicUrl' | 'host' | 'adminHost'>,
    scheme: 'http' | 'https',
  ) {
    this.#configuration = configuration;
    this.scheme = scheme;
  }

  /** The listeners are there. */
  opened(ports: OpenPorts): void {
    this.#ports = ports;
  }

  /** Of the public listener; 0 before there is one. */
  get port(): number {
    return this.#ports.port;
  }

  /** The public base, such as `http://127.0.0.1:4080`. */
  get url(): string {
    const { publicUrl, host } = this.#configuration;
    if (publicUrl !== undefined) return publicUrl;
    return listenUrl(this.scheme, { host, port: this.#ports.port });
  }

  /** Where the control plane answers, where that is a listener of its own. */
  get adminUrl(): string | undefined {
    const { adminPort: port } = this.#ports;
    const { adminHost: host } = this.#configuration;
    if (port === undefined) return undefined;
    return listenUrl(isLoopback(host) ? 'http' : this.scheme, { host, port });
  }

  /** Where the console is, where its files are. */
  get consoleUrl(): string {
    return `${this.adminUrl ?? this.url}${CONSOLE_PATH}`;
  }

  /** Where clients of an API connect, without its stage. */
  apiEndpoint(apiId: string): string {
    return `${this.url.replace(/^http/, 'ws')}/${apiId}`;
  }
}
