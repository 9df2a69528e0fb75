import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Cancel, Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { CertificateSource, ServerCertificate } from './certificate-source.ts';

export interface CertificateFilesOptions {
  /** PEM: the certificate and its chain. */
  readonly certFile: string;
  /** PEM, without a passphrase. */
  readonly keyFile: string;
  readonly clock: Pick<Clock, 'every'>;
  readonly log: Log;
}

/** Looked at again and again instead of watched: mounted secrets change by links that watches miss. */
const REREAD_MILLIS = 10_000;

/**
 * The operator's certificate. A new one is used within ten seconds of being written; files that do not
 * go together, as halfway through a renewal, are told of once and change nothing.
 */
export class CertificateFiles implements CertificateSource {
  readonly #options: CertificateFilesOptions;
  #inForce: ServerCertificate | undefined;
  #lastProblem: string | undefined;
  #cancel: Cancel = () => {};

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#inForce = await this.#read();
    this.#cancel = this.#options.clock.every(REREAD_MILLIS, () => void this.#reread());
  }

  async stop(): Promise<void> {
    this.#cancel();
  }

  async current(): Promise<ServerCertificate> {
    if (!this.#inForce) throw new Error('not started');
    return this.#inForce;
  }

  async #reread(): Promise<void> {
    const { log, certFile } = this.#options;
    try {
      const { cert, key } = await this.#read();
      this.#lastProblem = undefined;
      if (cert === this.#inForce?.cert && key === this.#inForce.key) return;
      this.#inForce = { cert, key };
      log.info(`New connections are shown the new certificate of ${certFile}`);
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== this.#lastProblem) log.warn(`${problem} The certificate before it stays.`);
      this.#lastProblem = problem;
    }
  }

  async #read(): Promise<ServerCertificate> {
    const { certFile, keyFile } = this.#options;
    const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
    const certificate = parsed(certFile, () => new X509Certificate(cert));
    const privateKey = parsed(keyFile, () => createPrivateKey(key));
    if (!certificate.checkPrivateKey(privateKey)) {
      throw new Error(`${keyFile} is not the private key of the certificate in ${certFile}.`);
    }
    // A chain that cannot be read, or a key that is too short, would fail each connection instead.
    parsed(certFile, () => createSecureContext({ cert, key }));
    return { cert, key };
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code}.`, {
      cause: error,
    });
  }
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${path} cannot be used for TLS: ${message}.`, { cause: error });
  }
}
