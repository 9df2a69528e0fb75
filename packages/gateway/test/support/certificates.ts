import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { type CertificateTexts, makeCertificate } from '../../src/server/tls-certificate.ts';

const HOUR_MILLIS = 3_600_000;

/** A server's certificate for `hosts`, valid now. */
export function certificateFor(...hosts: string[]): Promise<CertificateTexts> {
  const now = Date.now();
  return makeCertificate({
    hosts,
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + HOUR_MILLIS),
  });
}

/** PEM files in a folder of their own; paths by name. */
export interface PemFolder {
  write(name: string, text: string): string;
  remove(): Promise<void>;
}

export function pemFolder(): PemFolder {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  return {
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An authority that signs certificates for clients. */
export class ClientAuthority {
  readonly #keys = keys();
  readonly #certificate: forge.pki.Certificate;

  constructor(commonName: string) {
    this.#certificate = this.#sign(commonName, this.#keys.publicKey, commonName, [
      { name: 'basicConstraints', critical: true, cA: true },
      { name: 'keyUsage', critical: true, keyCertSign: true },
    ]);
  }

  get ca(): string {
    return forge.pki.certificateToPem(this.#certificate);
  }

  /** `millis`: how long from now it is valid; negative: it no longer is. */
  certify(
    commonName: string,
    millis = HOUR_MILLIS,
  ): { readonly cert: string; readonly key: string } {
    const { publicKey, privatePem } = keys();
    const issuer = this.#certificate.subject.getField('CN').value as string;
    const extensions = [{ name: 'extKeyUsage', clientAuth: true }];
    const certificate = this.#sign(commonName, publicKey, issuer, extensions, millis);
    return { cert: forge.pki.certificateToPem(certificate), key: privatePem };
  }

  #sign(
    commonName: string,
    publicKey: forge.pki.rsa.PublicKey,
    issuer: string,
    extensions: object[],
    millis = HOUR_MILLIS,
  ): forge.pki.Certificate {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = publicKey;
    certificate.serialNumber = '0a1b2c';
    certificate.validity = {
      notBefore: new Date(Date.now() - 2 * HOUR_MILLIS),
      notAfter: new Date(Date.now() + millis),
    };
    const names = (name: string) => [
      { name: 'organizationName', value: 'Example' },
      { name: 'commonName', value: name },
    ];
    certificate.setSubject(names(commonName));
    certificate.setIssuer(names(issuer));
    certificate.setExtensions(extensions);
    certificate.sign(this.#keys.privateKey, forge.md.sha256.create());
    return certificate;
  }
}

/** Node.js makes keys far faster than the library does. */
function keys() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return {
    publicKey: forge.pki.publicKeyFromPem(publicKey),
    privateKey: forge.pki.privateKeyFromPem(privateKey),
    privatePem: privateKey,
  };
}
