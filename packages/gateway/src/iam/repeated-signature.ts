/**
 * What a signature covers, of requests that are the same but for a few places: id, date, hashes, what traces them.
 * Their canonical request is made once, and what differs is written into it. It says how to read and what to sign,
 * never that somebody may: date, scope, key, body and signature are checked each time, by `verify.ts`.
 */
import { copyShort } from '../ambient/short-bytes.ts';
import { readAuthorization } from './authorization-header.ts';
import { canonicalRequest } from './canonical-request.ts';
import { headerValue } from './header-list.ts';
import type { SignatureClaim, SignatureTerms } from './signature-claim.ts';
import type { SignedRequest } from './sigv4.ts';
import { encodePath } from './uri-encoding.ts';

/**
 * A place where requests differ: in each of them as many characters, all visible, with spaces where the others have
 * them; in a path letters and digits, `-` and `_`.
 */
export interface Varying {
  /** Of a header, in lower case, or `path`. */
  readonly of: string;
  /** Where it begins in that text. */
  readonly from: number;
  readonly length: number;
  /** Where it begins in the bytes of the request. */
  readonly at: number;
}

interface Copy {
  readonly at: number;
  readonly to: number;
  readonly length: number;
}

const DIGITS = 64;
const DATE_CHARACTERS = 16;

/** `undefined` where the signature was not found good before, or has a form that SDKs do not send. */
export function repeatedSignature(
  request: SignedRequest,
  varying: readonly Varying[],
): RepeatedSignature | undefined {
  const { headers, path, method } = request;
  if (!headers?.isTidy || request.query !== '' || !headers.names.includes('authorization'))
    return undefined;
  const claim = readAuthorization(request, headers);
  if (claim instanceof Error || !claim.terms.signer) return undefined;
  const { names, signedHeaders } = claim.terms;
  const payloadHash = '0'.repeat(DIGITS);
  let text = `${method}\n`;
  const copies = new Map<string, Copy>();
  const put = (name: string, value: string, encode: (text: string) => string) => {
    for (const { of, from, length, at } of varying) {
      if (of !== name) continue;
      copies.set(name, { at, to: text.length + encode(value.slice(0, from)).length, length });
    }
    text += encode(value);
  };
  put('path', path, encodePath);
  text += '\n\n';
  for (const name of names) {
    text += `${name}:`;
    put(name, headerValue(headers, name) ?? '', String);
    text += '\n';
  }
  text += `\n${signedHeaders}\n${payloadHash}`;
  const canonicalQuery = '';
  const same = { method, path, canonicalQuery, headers, names, signedHeaders, payloadHash };
  const date = copies.get('x-amz-date');
  const signature = varying.find(({ of }) => of === 'authorization');
  const isUsual = date?.length === DATE_CHARACTERS && signature?.length === DIGITS;
  // A path that is tidied before it is signed has its places elsewhere.
  if (!isUsual || canonicalRequest(same) !== text) return undefined;
  const hash = copies.get('x-amz-content-sha256');
  if (claim.contentSha256 !== undefined && hash?.length !== DIGITS) return undefined;
  return new RepeatedSignature(claim, text, { all: [...copies.values()], date, signature, hash });
}

interface Places {
  readonly all: readonly Copy[];
  readonly date: Copy;
  readonly signature: Varying;
  readonly hash: Copy | undefined;
}

/** The claim of whichever request was read last. */
export class RepeatedSignature implements SignatureClaim {
  readonly terms: SignatureTerms;
  readonly unremembered = undefined;
  readonly sessionToken: string | undefined;
  readonly canonicalQuery = '';
  readonly expiresSeconds = undefined;
  /** 64 bytes, as they were sent. */
  readonly given = Buffer.alloc(DIGITS);
  date = '';
  readonly #canonical: Buffer;
  readonly #places: Places;

  constructor({ terms, sessionToken }: SignatureClaim, canonical: string, places: Places) {
    this.terms = terms;
    this.sessionToken = sessionToken;
    this.#canonical = Buffer.from(canonical, 'latin1');
    this.#places = places;
  }

  /** `bytes` begin with a request that differs in the varying places alone. */
  read(bytes: Uint8Array): this {
    const { all, date, signature } = this.#places;
    const canonical = this.#canonical;
    // Requests of one second say the same.
    if (this.date === '' || !isSame(bytes, canonical, date)) {
      this.date = Buffer.from(bytes.subarray(date.at, date.at + date.length)).toString('latin1');
    }
    for (const { at, to, length } of all) copyShort(bytes, at, canonical, to, length);
    copyShort(bytes, signature.at, this.given, 0, DIGITS);
    return this;
  }

  get signature(): string {
    return this.given.toString('latin1');
  }

  get contentSha256(): string | undefined {
    const { hash } = this.#places;
    return hash && this.#canonical.toString('latin1', hash.to, hash.to + DIGITS);
  }

  /** Good until the next one is asked for. */
  canonicalRequest(payloadHash: string): Uint8Array {
    const canonical = this.#canonical;
    canonical.write(payloadHash, canonical.length - DIGITS, 'latin1');
    return canonical;
  }
}

function isSame(bytes: Uint8Array, canonical: Uint8Array, { at, to, length }: Copy): boolean {
  for (let index = 0; index < length; index += 1) {
    if (bytes[at + index] !== canonical[to + index]) return false;
  }
  return true;
}
