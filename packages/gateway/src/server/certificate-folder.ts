/**
 * The folder that keeps a certificate made by `tls-certificate.ts`: `ca.pem`, `cert.pem`, `key.pem`, and
 * `bundle.pem`, which is `ca.pem` and the authorities Node.js trusts: what AWS_CA_BUNDLE names replaces
 * the authorities of the system, and a function calls AWS as well.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { CertificateTexts } from './tls-certificate.ts';

export interface KeptCertificate extends CertificateTexts {
  /** Epoch milliseconds. */
  readonly validTo: number;
}

const FOLDER_NAME = 'tls';
const FILE_NAMES = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } as const;
const BUNDLE_NAME = 'bundle.pem';

/** Path of the certificate that a client has to trust. */
export const caFileIn = (parent: string) => join(parent, FOLDER_NAME, FILE_NAMES.ca);

/** Path of the same for clients that then trust nobody else. */
export const caBundleFileIn = (parent: string) => join(parent, FOLDER_NAME, BUNDLE_NAME);

/** `undefined` where there is none that is valid for all these hosts at `at`, in epoch milliseconds. */
export async function readCertificate(
  parent: string,
  hosts: readonly string[],
  at: number,
): Promise<KeptCertificate | undefined> {
  const read = (name: keyof typeof FILE_NAMES) =>
    readFile(join(parent, FOLDER_NAME, FILE_NAMES[name]), 'utf8');
  try {
    const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')]);
    const certificate = new X509Certificate(cert);
    const authority = new X509Certificate(ca);
    const isWhole =
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.checkIssued(authority) &&
      certificate.verify(authority.publicKey);
    const validTo = Date.parse(certificate.validTo);
    const isValid = Date.parse(certificate.validFrom) <= at && at < validTo;
    if (!isWhole || !isValid || !hosts.every((host) => names(certificate, host))) return undefined;
    return { ca, cert, key, validTo };
  } catch {
    // Missing, cut short, or not what its name says: another one is made.
    return undefined;
  }
}

/**
 * Puts all files in place at once, so that no reader meets a key beside another's certificate.
 * Where another process was faster, with a certificate that serves, its files stay.
 */
export async function writeCertificate(
  texts: CertificateTexts,
  parent: string,
  isServed: () => Promise<boolean>,
): Promise<void> {
  const folder = join(parent, FOLDER_NAME);
  const fresh = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(fresh, FILE_NAMES.key), texts.key, { mode: 0o600 });
    await writeFile(join(fresh, FILE_NAMES.cert), texts.cert);
    await writeFile(join(fresh, FILE_NAMES.ca), texts.ca);
    await writeFile(join(fresh, BUNDLE_NAME), [texts.ca, ...rootCertificates].join('\n'));
    // The data folder often lies in a working copy: a private key is not to be committed.
    await writeFile(join(fresh, '.gitignore'), '*\n');
    try {
      await rename(fresh, folder);
    } catch {
      if (await isServed()) return;
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function names(certificate: X509Certificate, host: string): boolean {
  if (isIP(host)) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host.replace('*', 'any')) !== undefined;
}
