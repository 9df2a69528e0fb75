import { sha256 } from './digest.ts';
import type { HeaderList } from './header-list.ts';
import type { RepeatedSignature } from './repeated-signature.ts';

/** A request as it came over the wire, which is what its signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Raw, as on the wire, without the query. */
  readonly path: string;
  /** Raw, without the `?`; empty when there is none. */
  readonly query: string;
  /** Node.js's `rawHeaders`: name, value, name, value. */
  readonly rawHeaders: readonly string[];
  /** The same, where whoever read the request has listed them already. */
  readonly headers?: HeaderList;
  /** Where the request is like one whose signature was good: what is to be looked at of this one. */
  readonly repeated?: RepeatedSignature | undefined;
  readonly body: Uint8Array;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const TERMINATOR = 'aws4_request';
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

/** The longest life of a presigned URL. */
export const PRESIGNED_SECONDS_MAX = 604_800;

const EMPTY_HASH = sha256('');

/** SHA-256 of a body, in lower-case hexadecimal. */
export function hashPayload(body: Uint8Array): string {
  return body.length === 0 ? EMPTY_HASH : sha256(body);
}
