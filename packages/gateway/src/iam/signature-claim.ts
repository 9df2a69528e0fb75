import { ServiceException } from '../wire/exceptions.ts';
import { type HeaderList, headerValue } from './header-list.ts';
import type { SigningKey, SigningScope } from './signing-key.ts';
import { ALGORITHM } from './sigv4.ts';

/** Read from a credential, and derived from the secret that it stands for. */
export interface Signer {
  readonly credential: Credential;
  readonly secretAccessKey: string;
  readonly key: SigningKey;
}

/** A credential, taken apart. */
export interface Credential {
  readonly accessKeyId: string;
  readonly scope: SigningScope;
}

/** What a signature says of itself that is the same in all requests of one caller and day. */
export class SignatureTerms {
  readonly algorithm: string;
  /** `{accessKeyId}/{YYYYMMDD}/{region}/{service}/aws4_request` */
  readonly credential: string;
  /** Lower-case header names joined with `;`. */
  readonly signedHeaders: string;
  /** The same, apart. */
  readonly names: readonly string[];
  /** Where these terms were met before: what a good signature was made with. */
  signer: Signer | undefined;

  constructor(algorithm: string, credential: string, signedHeaders: string) {
    // The same string, where it is the same text: a piece of a header takes long to compare.
    this.algorithm = algorithm === ALGORITHM ? ALGORITHM : algorithm;
    this.credential = credential;
    this.signedHeaders = signedHeaders;
    this.names = signedHeaders.split(';');
  }
}

/** What a request says about its own signature, from its headers or from its query string. */
export interface SignatureClaim {
  readonly terms: SignatureTerms;
  /** Under which the terms can be remembered; undefined where they are, or where nobody would ask. */
  readonly unremembered: string | undefined;
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`, not yet checked. */
  readonly date: string;
  readonly sessionToken: string | undefined;
  /** The hash of the body, where the caller sent and signed one. */
  readonly contentSha256: string | undefined;
  /** The query as it is signed. */
  readonly canonicalQuery: string;
  /** How long a presigned URL lives; undefined for signed headers. */
  readonly expiresSeconds: number | undefined;
}

/** The hash of the body as the caller signed it, when that header is among the signed ones. */
export function signedContentHash(
  headers: HeaderList,
  { names }: SignatureTerms,
): string | undefined {
  return names.includes('x-amz-content-sha256')
    ? headerValue(headers, 'x-amz-content-sha256')
    : undefined;
}

export function incomplete(message: string): ServiceException {
  return new ServiceException('IncompleteSignatureException', message);
}

export function invalid(message: string): ServiceException {
  return new ServiceException('InvalidSignatureException', message);
}
