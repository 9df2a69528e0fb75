import { ServiceException } from '../wire/exceptions.ts';
import { canonicalQuery } from './canonical-request.ts';
import { fingerprint } from './digest.ts';
import { type HeaderList, headerCount, headerValue } from './header-list.ts';
import {
  incomplete,
  type SignatureClaim,
  SignatureTerms,
  signedContentHash,
} from './signature-claim.ts';
import { fromHttpDate } from './signing-date.ts';
import type { SignedRequest } from './sigv4.ts';

/**
 * Reads `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
 * The complaints are Amazon API Gateway's; the header itself is only ever shown as a hash.
 */
export function readAuthorization(
  request: SignedRequest,
  headers: HeaderList,
): SignatureClaim | ServiceException {
  if (headerCount(headers, 'authorization') > 1) {
    return incomplete('Authorization header must be sent only once.');
  }
  const authorization = headerValue(headers, 'authorization')!;
  const date = headerValue(headers, 'x-amz-date') ?? dateHeader(headers);
  const usual = readUsual(authorization);
  if (usual && date) return claimOf(request, headers, usual, date);
  const fields = readFields(authorization);
  if (fields instanceof ServiceException) return fields;
  const { algorithm, credential, signedHeaders, signature } = fields;
  if (!credential || !signature || !signedHeaders || !date) {
    return missing(fields, date, authorization);
  }
  const terms = new SignatureTerms(algorithm, credential, signedHeaders);
  return claimOf(request, headers, { terms, unremembered: undefined, signature }, date);
}

type Signed = Pick<SignatureClaim, 'terms' | 'unremembered' | 'signature'>;

function claimOf(
  request: SignedRequest,
  headers: HeaderList,
  { terms, unremembered, signature }: Signed,
  date: string,
): SignatureClaim {
  return {
    terms,
    unremembered,
    signature,
    date,
    sessionToken: headerValue(headers, 'x-amz-security-token'),
    contentSha256: signedContentHash(headers, terms),
    canonicalQuery: canonicalQuery(request.query),
    expiresSeconds: undefined,
  };
}

const SIGNATURE_DIGITS = 64;
const SIGNATURE = /^[0-9a-f]{64}$/;
/** What every SDK writes before its signature. */
const USUAL = /^(AWS4-HMAC-SHA256) Credential=([^\s,=]+), SignedHeaders=([^\s,=]+), Signature=$/;

const TERMS_MAX = 1000;
/** By the header as far as its signature, which a caller repeats all day. */
const remembered = new Map<string, SignatureTerms>();
/** The one that was asked for last: to compare with it takes less than to look for it. */
let latestHeader: string | undefined;
let latestTerms: SignatureTerms | undefined;

/** Keeps terms for later; as with keys, those of signatures that were found good. */
export function rememberTerms(header: string, terms: SignatureTerms): void {
  if (remembered.size >= TERMS_MAX) remembered.delete(remembered.keys().next().value!);
  remembered.set(header, terms);
}

function rememberedTerms(header: string): SignatureTerms | undefined {
  if (header === latestHeader) return latestTerms;
  const terms = remembered.get(header);
  if (terms) {
    latestHeader = header;
    latestTerms = terms;
  }
  return terms;
}

function readUsual(authorization: string): Signed | undefined {
  const end = authorization.length - SIGNATURE_DIGITS;
  const signature = authorization.slice(end);
  if (end < 0 || !SIGNATURE.test(signature)) return undefined;
  const header = authorization.slice(0, end);
  const known = rememberedTerms(header);
  if (known) return { terms: known, unremembered: undefined, signature };
  const [, algorithm, credential, signedHeaders] = USUAL.exec(header) ?? [];
  if (!algorithm || !credential || !signedHeaders) return undefined;
  const terms = new SignatureTerms(algorithm, credential, signedHeaders);
  return { terms, unremembered: header, signature };
}

interface Fields {
  algorithm: string;
  credential?: string;
  signedHeaders?: string;
  signature?: string;
}

const fieldOf: Readonly<Record<string, keyof Fields>> = Object.assign(Object.create(null), {
  Credential: 'credential',
  SignedHeaders: 'signedHeaders',
  Signature: 'signature',
});

function readFields(authorization: string): Fields | ServiceException {
  const space = authorization.indexOf(' ');
  const fields: Fields = {
    algorithm: space < 0 ? authorization : authorization.slice(0, space),
  };
  if (fields.algorithm.includes('=')) {
    return incomplete(
      'Authorization header must begin with the algorithm name, which cannot include an equal-sign',
    );
  }
  if (space < 0) return fields;
  for (const pair of authorization.slice(space + 1).split(',')) {
    const equals = pair.indexOf('=');
    if (equals < 0) {
      return incomplete(
        'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with ' +
          `SHA-256 and encoded with Base64): '${fingerprint(authorization)}'.`,
      );
    }
    const name = pair.slice(0, equals).trim();
    const field = fieldOf[name];
    if (field === undefined) continue;
    if (fields[field] !== undefined) {
      return incomplete(`Authorization header must hold '${name}' only once.`);
    }
    fields[field] = pair.slice(equals + 1).trim();
  }
  return fields;
}

function dateHeader(headers: HeaderList): string | undefined {
  const date = headerValue(headers, 'date');
  return date === undefined ? undefined : fromHttpDate(date);
}

function missing(
  fields: Fields,
  date: string | undefined,
  authorization: string,
): ServiceException {
  let message = '';
  if (!fields.credential) message += "Authorization header requires 'Credential' parameter. ";
  if (!fields.signature) message += "Authorization header requires 'Signature' parameter. ";
  if (!fields.signedHeaders) message += "Authorization header requires 'SignedHeaders' parameter. ";
  if (!date) {
    message +=
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  return incomplete(
    `${message}(Hashed with SHA-256 and encoded with Base64) ` +
      `Authorization=${fingerprint(authorization)}`,
  );
}
