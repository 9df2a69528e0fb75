import { ServiceException } from '../wire/exceptions.ts';
import type { AccessKey } from './access-key.ts';
import { readAuthorization, rememberTerms } from './authorization-header.ts';
import { canonicalRequest } from './canonical-request.ts';
import { readCredential } from './credential-scope.ts';
import { isSameDigest, isSameText } from './digest.ts';
import { type HeaderList, headerCount, listHeaders } from './header-list.ts';
import { isPresigned, readPresignedQuery } from './presigned-query.ts';
import {
  type Credential,
  incomplete,
  invalid,
  type SignatureClaim,
  type Signer,
} from './signature-claim.ts';
import { formatSigningDate, parseSigningDate } from './signing-date.ts';
import { deriveKey, rememberedKey, rememberKey } from './signing-key.ts';
import { ALGORITHM, hashPayload, type SignedRequest, UNSIGNED_PAYLOAD } from './sigv4.ts';

/**
 * Who sent this request? Signature Version 4, from the headers or from a presigned query string,
 * checked in the order in which AWS complains; names and texts of the refusals are AWS's.
 */
export type Verification =
  | Verified
  | { readonly kind: 'refused'; readonly exception: ServiceException };

export interface Verified {
  readonly kind: 'verified';
  readonly accessKey: AccessKey;
  readonly region: string;
  readonly signature: string;
  /** It came in the query of a URL, which may be handed on. */
  readonly isPresigned: boolean;
  /** Epoch milliseconds until which the same request would be good again. */
  readonly validUntil: number;
}

export interface VerifyOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The signing names this door answers to, such as `execute-api`. */
  readonly service: string | readonly string[];
  findAccessKey(accessKeyId: string): AccessKey | undefined;
}

/** Of a request whose headers need not be read. */
const NONE: HeaderList = { names: [], values: [] };

/** How far a caller's clock may be off. */
const CLOCK_SKEW_SECONDS = 5 * 60;

/** Never throws, whatever the request holds. */
export function verifyRequest(request: SignedRequest, options: VerifyOptions): Verification {
  const { repeated } = request;
  const headers = repeated ? NONE : (request.headers ?? listHeaders(request.rawHeaders));
  const claim = repeated ?? readClaim(request, headers);
  if (claim instanceof ServiceException) return { kind: 'refused', exception: claim };
  const complaint = checkDate(claim, options.now) ?? checkForm(claim);
  if (complaint !== undefined) return { kind: 'refused', exception: complaint };

  const services = typeof options.service === 'string' ? [options.service] : options.service;
  const credential = readCredential(claim, services);
  if (credential instanceof ServiceException) return { kind: 'refused', exception: credential };
  const accessKey = options.findAccessKey(credential.accessKeyId);
  if (accessKey === undefined || !accessKey.enabled) return unrecognized();

  const payload = payloadHash(request.body, claim.contentSha256);
  if (payload === undefined) return mismatch();
  const canonical = repeated
    ? repeated.canonicalRequest(payload)
    : canonicalOf(request, headers, claim, payload);
  if (canonical === undefined) return mismatch();
  const signer = signerOf(claim, credential, accessKey.secretAccessKey);
  const expected = signer.key.sign(claim.date, canonical);
  if (!isSameDigest(expected, repeated ? repeated.given : claim.signature)) return mismatch();
  if (claim.terms.signer !== signer) remember(claim, signer, accessKey.accessKeyId);

  if (!isSameToken(accessKey.sessionToken, claim.sessionToken)) return unrecognized();
  if (accessKey.expiresAt !== undefined && options.now >= accessKey.expiresAt) return expired();
  return new VerifiedClaim(accessKey, credential.scope.region, claim);
}

/** Most callers ask for the key alone. */
class VerifiedClaim implements Verified {
  readonly kind = 'verified';
  readonly accessKey: AccessKey;
  readonly region: string;
  readonly #claim: SignatureClaim;

  constructor(accessKey: AccessKey, region: string, claim: SignatureClaim) {
    this.accessKey = accessKey;
    this.region = region;
    this.#claim = claim;
  }

  get signature(): string {
    return this.#claim.signature;
  }

  get isPresigned(): boolean {
    return this.#claim.expiresSeconds !== undefined;
  }

  get validUntil(): number {
    return parseSigningDate(this.#claim.date)! + lifeSecondsOf(this.#claim) * 1000;
  }
}

function canonicalOf(
  { method, path }: SignedRequest,
  headers: HeaderList,
  { canonicalQuery, terms: { names, signedHeaders } }: SignatureClaim,
  payloadHash: string,
): string | undefined {
  return canonicalRequest({
    method,
    path,
    canonicalQuery,
    headers,
    names,
    signedHeaders,
    payloadHash,
  });
}

function readClaim(request: SignedRequest, headers: HeaderList): SignatureClaim | ServiceException {
  const isInHeader = headerCount(headers, 'authorization') > 0;
  const isInQuery = isPresigned(request.query);
  if (isInHeader && isInQuery) {
    return invalid(
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (isInHeader) return readAuthorization(request, headers);
  if (isInQuery) return readPresignedQuery(request, headers);
  return new ServiceException(
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
  );
}

/** A signature lives five minutes either way; a presigned URL from its date for its lifetime. */
function checkDate(claim: SignatureClaim, now: number): ServiceException | undefined {
  const signedAt = parseSigningDate(claim.date);
  if (signedAt === undefined) {
    return incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${claim.date}'. ` +
        'See http://en.wikipedia.org/wiki/ISO_8601',
    );
  }
  const lifeSeconds = lifeSecondsOf(claim);
  if (signedAt < now - lifeSeconds * 1000) {
    const earliest = formatSigningDate(now - lifeSeconds * 1000);
    return invalid(
      `Signature expired: ${claim.date} is now earlier than ${earliest} ` +
        `(${formatSigningDate(now)} - ${span(lifeSeconds)}.)`,
    );
  }
  if (signedAt > now + CLOCK_SKEW_SECONDS * 1000) {
    const latest = formatSigningDate(now + CLOCK_SKEW_SECONDS * 1000);
    return invalid(
      `Signature not yet current: ${claim.date} is still later than ${latest} ` +
        `(${formatSigningDate(now)} + ${span(CLOCK_SKEW_SECONDS)}.)`,
    );
  }
  return undefined;
}

const lifeSecondsOf = ({ expiresSeconds }: SignatureClaim) => expiresSeconds ?? CLOCK_SKEW_SECONDS;

function span(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} sec`;
}

/** Unless the host is signed, a request caught on its way to one host could be sent to another. */
function checkForm(claim: SignatureClaim): ServiceException | undefined {
  const { names, algorithm } = claim.terms;
  if (!names.includes('host')) {
    return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (algorithm !== ALGORITHM) {
    return incomplete(`Unsupported AWS 'algorithm': '${algorithm}' (only ${ALGORITHM} for now). `);
  }
  return undefined;
}

/** The body's own hash; undefined when the caller signed another one. */
function payloadHash(body: Uint8Array, contentSha256: string | undefined): string | undefined {
  if (contentSha256 === UNSIGNED_PAYLOAD) return UNSIGNED_PAYLOAD;
  const own = hashPayload(body);
  return contentSha256 === undefined || contentSha256 === own ? own : undefined;
}

/** What these terms are signed with, for as long as the secret is the same. */
function signerOf(
  { terms }: SignatureClaim,
  credential: Credential,
  secretAccessKey: string,
): Signer {
  const { signer } = terms;
  if (signer?.secretAccessKey === secretAccessKey) return signer;
  const { scope } = credential;
  const key = rememberedKey(secretAccessKey, scope) ?? deriveKey(secretAccessKey, scope);
  return { credential, secretAccessKey, key };
}

/**
 * The signature was good: the next one of this caller is likely to say the same. `accessKeyId` is what keys are
 * found by: the same text, but looked for sooner than a piece of a header.
 */
function remember(
  { terms, unremembered }: SignatureClaim,
  { credential: { scope }, secretAccessKey, key }: Signer,
  accessKeyId: string,
): void {
  rememberKey(secretAccessKey, scope, key);
  terms.signer = { credential: { accessKeyId, scope }, secretAccessKey, key };
  if (unremembered !== undefined) rememberTerms(unremembered, terms);
}

/** A token must come with temporary credentials, and with no others. */
function isSameToken(expected: string | undefined, given: string | undefined): boolean {
  if (expected === undefined || given === undefined) return expected === given;
  return isSameText(expected, given);
}

function unrecognized(): Verification {
  const message = 'The security token included in the request is invalid.';
  return {
    kind: 'refused',
    exception: new ServiceException('UnrecognizedClientException', message),
  };
}

function expired(): Verification {
  const message = 'The security token included in the request is expired';
  return { kind: 'refused', exception: new ServiceException('ExpiredTokenException', message) };
}

function mismatch(): Verification {
  return {
    kind: 'refused',
    exception: invalid(
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. ' +
        'Consult the service documentation for details.',
    ),
  };
}
