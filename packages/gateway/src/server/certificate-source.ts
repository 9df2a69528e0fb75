/** Where the listener's certificate comes from. */
export interface CertificateSource {
  /** Rejects with a sentence that says what to do when there is no certificate to begin with. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What the next connection is shown: the same object until there is another certificate. */
  current(): Promise<ServerCertificate>;
}

/** PEM texts: the certificate, with its chain if it has one, and its private key. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}
