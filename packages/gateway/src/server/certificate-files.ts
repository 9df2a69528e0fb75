import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { authoritiesIn } from './backend-authorities.ts';
import type { CertificateSource, ServerCertificate, ServerIdentity } from './certificate-source.ts';
import { readText } from './read-text.ts';
import { Reread } from './reread.ts';

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

/** The operator's certificates; new ones are shown within ten seconds of being written. */
export class CertificateFiles implements CertificateSource {
  readonly #identity: Reread<ServerIdentity>;

  constructor({ pairs, clientCaFile, clock, log }: CertificateFilesOptions) {
    const files = pairs.map(({ certFile }) => certFile).join(', ');
    this.#identity = new Reread({
      read: () => readIdentity(pairs, clientCaFile),
      news: `New connections are shown the new certificate of ${files}`,
      otherwise: 'The certificates before it stay.',
      clock,
      log,
    });
  }

  start(): Promise<void> {
    return this.#identity.start();
  }

  async stop(): Promise<void> {
    this.#identity.stop();
  }

  async current(): Promise<ServerIdentity> {
    return this.#identity.current;
  }
}

async function readIdentity(
  pairs: CertificateFilesOptions['pairs'],
  clientCaFile: string | undefined,
): Promise<ServerIdentity> {
  const clientCa = clientCaFile === undefined ? undefined : authoritiesIn(clientCaFile).join('\n');
  const [first, ...others] = await Promise.all(pairs.map(readPair));
  return {
    ...first!,
    ...(others.length > 0 && { others }),
    ...(clientCa !== undefined && { clientCa }),
  };
}

/** What OpenSSL says of any other file is not for people. */
const PEM_CERTIFICATE = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/;
const PEM_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

async function readPair({ certFile, keyFile }: PairOfFiles): Promise<ServerCertificate> {
  const [cert, key] = await Promise.all([readText(certFile), readText(keyFile)]);
  if (!PEM_CERTIFICATE.test(cert)) throw new Error(`${certFile} holds no certificate in PEM.`);
  if (!PEM_KEY.test(key)) throw new Error(`${keyFile} holds no private key in PEM.`);
  const certificate = parsed(certFile, () => new X509Certificate(cert));
  const privateKey = parsed(keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`${keyFile} is not the private key of the certificate in ${certFile}.`);
  }
  // A chain that cannot be read, or a key that is too short, would fail each connection instead.
  parsed(certFile, () => createSecureContext({ cert, key }));
  return { cert, key };
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${path} cannot be used for TLS: ${message}.`, { cause: error });
  }
}
