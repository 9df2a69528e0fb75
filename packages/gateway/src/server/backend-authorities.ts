import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { readTextSync } from './read-text.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The authorities in a PEM file. Throws a sentence for a file that cannot be read or holds none: passed
 * over in silence, it would leave everybody trusting something else.
 */
export function authoritiesIn(path: string): string[] {
  const found = readTextSync(path).match(PEM_CERTIFICATE) ?? [];
  if (found.length === 0) throw new Error(`${path} holds no certificate in PEM.`);
  for (const one of found) {
    try {
      new X509Certificate(one);
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`${path} cannot be used for TLS: ${message}.`, { cause: error });
    }
  }
  return found;
}

/**
 * Whose certificates https backends may have: the authorities Node.js brings, those of
 * NODE_EXTRA_CA_CERTS, and those of the file. `undefined` without a file: Node.js then does the same.
 */
export function backendAuthorities(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string[] | undefined {
  if (file === undefined) return undefined;
  const { NODE_EXTRA_CA_CERTS: extra } = env;
  return [...rootCertificates, ...(extra ? authoritiesIn(extra) : []), ...authoritiesIn(file)];
}
