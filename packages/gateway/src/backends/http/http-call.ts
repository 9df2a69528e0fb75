export interface HttpCall {
  /** Such as `https://api.example.com`. */
  readonly origin: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value. Spelling is kept on the wire. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
  /** From the call to the last byte of the answer. */
  readonly timeoutMillis: number;
  /** Shown to an https backend that asks for one. */
  readonly clientCertificate?: BackendCertificate | undefined;
  /** The connection it is about, where the gateway is to sign the call if it signs any. */
  readonly signedFor?: string | undefined;
  /** `false` reads the answer's body and drops it, which costs no memory. */
  readonly wantsBody: boolean;
}

/** How a backend recognizes the gateway. */
export interface BackendCertificate {
  /** Connections are shared between calls of one id. */
  readonly id: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; repeated headers as a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}
