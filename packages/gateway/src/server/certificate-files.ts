import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Cancel, Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { authoritiesIn } from './backend-authorities.ts';
import type { CertificateSource, ServerCertificate, ServerIdentity } from './certificate-source.ts';

export interface CertificateFilesOptions {
  /** The first is shown where no name is asked for. */
  readonly pairs: readonly [PairOfFiles, ...PairOfFiles[]];
  /** PEM: authorities of clients. */
  readonly clientCaFile?: string;
  readonly clock: Pick<Clock, 'every'>;
  readonly log: Log;
}

export interface PairOfFiles {
  /** PEM: the certificate and its chain. */
  readonly certFile: string;
  /** PEM, without a passphrase. */
  readonly keyFile: string;
}

/** Looked at again and again instead of watched: mounted secrets change by links that watches miss. */
const REREAD_MILLIS = 10_000;

/**
 * The operator's certificates. New ones are used within ten seconds of being written; files that do
 * not go together, as halfway through a renewal, are told of once and change nothing.
 */
export class CertificateFiles implements CertificateSource {
  readonly #options: CertificateFilesOptions;
  #inForce: ServerIdentity | undefined;
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

  async current(): Promise<ServerIdentity> {
    if (!this.#inForce) throw new Error('not started');
    return this.#inForce;
  }

  async #reread(): Promise<void> {
    const { log, pairs } = this.#options;
    try {
      const read = await this.#read();
      this.#lastProblem = undefined;
      if (JSON.stringify(read) === JSON.stringify(this.#inForce)) return;
      this.#inForce = read;
      const files = pairs.map(({ certFile }) => certFile).join(', ');
      log.info(`New connections are shown the new certificate of ${files}`);
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== this.#lastProblem) log.warn(`${problem} The certificates before it stay.`);
      this.#lastProblem = problem;
    }
  }

  async #read(): Promise<ServerIdentity> {
    const { pairs, clientCaFile } = this.#options;
    const clientCa =
      clientCaFile === undefined ? undefined : authoritiesIn(clientCaFile).join('\n');
    const [first, ...others] = await Promise.all(pairs.map(readPair));
    return {
      ...first!,
      ...(others.length > 0 && { others }),
      ...(clientCa !== undefined && { clientCa }),
    };
  }
}

async function readPair({ certFile, keyFile }: PairOfFiles): Promise<ServerCertificate> {
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
