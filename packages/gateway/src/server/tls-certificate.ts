/**
 * A certificate for this machine's own names, signed by a certificate authority made for it alone.
 * Whoever trusts `ca` trusts this one certificate and no other: the authority's key is dropped as
 * soon as it has signed, so nobody can ever sign anything else with it.
 */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { pki } from 'node-forge';

/** PEM texts. */
export interface CertificateTexts {
  /** What a client has to trust. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** Host names, `*.` in front allowed, and addresses. */
  readonly hosts: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const RSA_BITS = 2048;
const COMMON_NAME = 'Postern local';

export async function makeCertificate(request: CertificateRequest): Promise<CertificateTexts> {
  const { hosts } = request;
  const [authority, server] = await Promise.all([makeKeys(), makeKeys()]);
  // Loaded here: it takes longer than anything else of a start, and most starts make no certificate.
  const { default: forge } = await import('node-forge');
  const authorityKey = forge.pki.privateKeyFromPem(authority.privateKey);

  const ca = certificate(authority.publicKey, `${COMMON_NAME} authority`);
  ca.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  const cert = certificate(server.publicKey, COMMON_NAME);
  cert.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: hosts.map(alternativeName) },
    { name: 'subjectKeyIdentifier' },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes(),
    },
  ]);
  for (const one of [ca, cert]) {
    one.setIssuer(ca.subject.attributes);
    one.sign(authorityKey, forge.md.sha256.create());
  }
  return {
    ca: forge.pki.certificateToPem(ca),
    cert: forge.pki.certificateToPem(cert),
    key: server.privateKey,
  };

  function certificate(publicKey: string, commonName: string): pki.Certificate {
    const made = forge.pki.createCertificate();
    made.publicKey = forge.pki.publicKeyFromPem(publicKey);
    made.serialNumber = serialNumber();
    made.validity = { notBefore: request.notBefore, notAfter: request.notAfter };
    made.setSubject([{ name: 'commonName', value: commonName }]);
    return made;
  }
}

const makeKeys = () =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** 127 random bits, in hexadecimal: RFC 5280 wants a positive number, so the first bit is 0. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  // A first byte of zero would be one byte too many in DER.
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

const alternativeName = (host: string) =>
  isIP(host) ? { type: IP_ADDRESS, ip: host } : { type: DNS_NAME, value: host };
