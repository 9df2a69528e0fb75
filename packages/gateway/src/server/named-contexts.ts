/** Which certificate a TLS client is shown, by the name it asks for (RFC 6066, section 3: SNI). */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ServerIdentity } from './certificate-source.ts';

export interface NamedContexts {
  /** `undefined` where the first certificate is the right one. */
  find(name: string): SecureContext | undefined;
}

/** `common`: what holds whichever certificate is shown. */
export function namedContexts(
  { cert, key, others = [] }: ServerIdentity,
  common: SecureContextOptions,
): NamedContexts {
  if (others.length === 0) return { find: () => undefined };
  const shown = [{ cert, key }, ...others].map((one) => ({
    certificate: new X509Certificate(one.cert),
    context: createSecureContext({ ...one, ...common }),
  }));
  return {
    find(name) {
      let wildcard: SecureContext | undefined;
      for (const { certificate, context } of shown) {
        const match = certificate.checkHost(name);
        // A certificate for the very name goes before one for all of its siblings.
        if (match !== undefined && !match.startsWith('*')) return context;
        if (match !== undefined) wildcard ??= context;
      }
      return wildcard;
    },
  };
}
