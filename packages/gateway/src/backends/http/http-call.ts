import type { BackendError } from './backend-error.ts';

/** What is said of every call, however its request is made. */
export interface CallTerms {
  /** Such as `https://api.example.com`. */
  readonly origin: string;
  readonly method: string;
  readonly body: Uint8Array | null;
  /** From the call to the last byte of the answer. */
  readonly timeoutMillis: number;
  /** `false` reads the answer's body and drops it, which costs no memory. */
  readonly wantsBody: boolean;
}

export interface HttpCall extends CallTerms {
  /** Path and query, encoded. */
  readonly path: string;
  /** Name, value, name, value. Spelling is kept on the wire. */
  readonly headers: readonly string[];
  /** Shown to an https backend that asks for one. */
  readonly clientCertificate?: BackendCertificate | undefined;
  /** The connection it is about, where the gateway is to sign the call if it signs any. */
  readonly signedFor?: string | undefined;
}

/** A call whose request is text already, for a plain http backend. */
export interface WrittenCall extends CallTerms {
  /** From the request line to the empty line, each character a byte; as `requestHead` would write it. */
  readonly head: string;
  /** The body once more where it is ASCII: then the whole request is one text. */
  readonly text?: string | undefined;
}

/** Who waits for a call's end. One of the two is called, once. */
export interface CallListener {
  answered(status: number, headers: HttpAnswer['headers'], body: Buffer): void;
  failed(error: BackendError): void;
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
  /** By lower-case name; repeated headers as a list. Shared between answers that have the same. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}
