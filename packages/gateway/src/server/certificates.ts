import type { Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { CertificateFiles, type PairOfFiles } from './certificate-files.ts';
import { filesIn } from './file-list.ts';
import { LocalCertificate } from './local-certificate.ts';
import type { Configuration, Mode } from './settings.ts';

export interface Certificates {
  /** Made by the gateway for this machine: `postern dev` speaks TLS beside plain HTTP. */
  readonly local?: LocalCertificate;
  /** The operator's: `postern start` then speaks nothing but TLS. */
  readonly files?: CertificateFiles;
}

/** What the port shows to TLS clients; empty where it is plain. */
export function certificatesOf(
  { ephemeral, data, host, tlsCert, tlsKey, tlsClientCa }: Configuration,
  mode: Mode,
  clock: Clock,
  log: Log,
): Certificates {
  if (mode === 'dev') {
    return { local: new LocalCertificate({ ...(!ephemeral && { folder: data }), host, clock }) };
  }
  const keyFiles = filesIn(tlsKey);
  const [first, ...others]: PairOfFiles[] = filesIn(tlsCert).map((certFile, at) => ({
    certFile,
    keyFile: keyFiles[at]!,
  }));
  if (!first) return {};
  const clientCaFile = tlsClientCa;
  return {
    files: new CertificateFiles({
      pairs: [first, ...others],
      ...(clientCaFile !== undefined && { clientCaFile }),
      clock,
      log,
    }),
  };
}
