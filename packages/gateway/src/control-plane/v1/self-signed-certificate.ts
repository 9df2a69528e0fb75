import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../../ambient/random.ts';

export interface SelfSignedCertificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
}

const RSA_BITS = 2048;

/** A certificate for a client that is recognized by this very certificate: nobody else signs it. */
export async function makeSelfSignedCertificate(options: {
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly random: Random;
}): Promise<SelfSignedCertificate> {
  const keys = await promisify(generateKeyPair)('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  // Loaded here: it takes long, and few gateways ever make a certificate.
  const { default: forge } = await import('node-forge');
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  certificate.serialNumber = serialNumber(options.random);
  certificate.validity = { notBefore: options.notBefore, notAfter: options.notAfter };
  const subject = [{ name: 'commonName', value: 'Postern' }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  // Without the extension keyUsage: with one, OpenSSL takes only authorities for self-signed.
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'extKeyUsage', clientAuth: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(keys.privateKey), forge.md.sha256.create());
  return {
    certificatePem: forge.pki.certificateToPem(certificate),
    privateKeyPem: keys.privateKey,
  };
}

/** 16 random bytes in hexadecimal. RFC 5280 wants a positive number: the first bit is 0, not the byte. */
function serialNumber(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}
