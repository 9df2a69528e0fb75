/** Where the listener's certificates come from. */
export interface CertificateSource {
  /** Rejects with a sentence that says what to do when there is no certificate to begin with. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What the next connection is shown: the same object until something of it is another. */
  current(): Promise<ServerIdentity>;
}

/** PEM texts: the certificate, with its chain if it has one, and its private key. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** The certificate shown to whoever asks for no name, or for one that no other is for. */
export interface ServerIdentity extends ServerCertificate {
  /** Shown to clients that ask for one of their names. */
  readonly others?: readonly ServerCertificate[];
  /** PEM: authorities; a client has to show a certificate of one of them. Absent: none is asked for. */
  readonly clientCa?: string;
}
