import { ServiceException } from '../wire/exceptions.ts';
import { type HeaderList, headerValue } from './header-list.ts';

/** What a request says about its own signature, from its headers or from its query string. */
export interface SignatureClaim {
  readonly algorithm: string;
  /** `{accessKeyId}/{YYYYMMDD}/{region}/{service}/aws4_request` */
  readonly credential: string;
  /** Lower-case header names joined with `;`. */
  readonly signedHeaders: string;
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
export function signedContentHash(headers: HeaderList, signedHeaders: string): string | undefined {
  return `;${signedHeaders};`.includes(';x-amz-content-sha256;')
    ? headerValue(headers, 'x-amz-content-sha256')
    : undefined;
}

export function incomplete(message: string): ServiceException {
  return new ServiceException('IncompleteSignatureException', message);
}

export function invalid(message: string): ServiceException {
  return new ServiceException('InvalidSignatureException', message);
}
