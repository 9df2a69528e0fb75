/** Who a TLS client says it is, where the listener asks for a certificate and has checked it. */
import { TLSSocket } from 'node:tls';
import type { ClientCert } from '../wire/request-context.ts';

/** `undefined` where none was asked for. Its text is that of `identity.clientCert` in AWS's REST APIs. */
export function clientCertificateOf({
  socket,
}: {
  readonly socket: object;
}): ClientCert | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return undefined;
  return {
    subjectDN: distinguishedName(certificate.subject),
    issuerDN: distinguishedName(certificate.issuer),
    serialNumber: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
  };
}

/** Node.js has a line for each name, the most general first, and has escaped what needs it. */
const distinguishedName = (lines: string) => lines.split('\n').reverse().join(',');
