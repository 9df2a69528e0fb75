/**
 * Refuses a signature that was seen before. AWS does not: whoever catches a request can send it again
 * for as long as it is valid. Each signature is remembered until then, in the memory of one process: a
 * restart forgets, and nodes do not tell each other.
 */
import { ServiceException } from '../wire/exceptions.ts';
import type { Verified } from './verify.ts';

/** About a hundred bytes each. */
const SIGNATURES_MAX = 1_000_000;
/** Looking through all of them takes a while, and is not done more often. */
const SWEEP_MILLIS = 1000;
/** Hexadecimal digits kept of a signature: 128 bits, which nobody finds twice. */
const DIGITS = 32;

export class ReplayGuard {
  readonly #all: boolean;
  readonly #max: number;
  /** Signature → epoch milliseconds until which it is valid. */
  readonly #seen = new Map<string, number>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** `all`: signed headers as well as presigned URLs. */
  constructor(all: boolean, max = SIGNATURES_MAX) {
    this.#all = all;
    this.#max = max;
  }

  /**
   * Throws for a signature that was used, and when too many are valid at a time to tell: then nobody is
   * let in unchecked. Only verified signatures may be given, so that strangers cannot fill it.
   */
  assertUnused(verified: Verified, now: number): void {
    if (!verified.isPresigned && !this.#all) return;
    const { signature, validUntil } = verified;
    // A piece of the header would keep the whole request.
    const digits = Buffer.from(signature.slice(0, DIGITS), 'latin1').toString('latin1');
    const known = this.#seen.get(digits);
    if (known !== undefined && known >= now) throw replayed();
    if (this.#seen.size >= this.#max) this.#sweep(now);
    if (this.#seen.size >= this.#max) throw tooMany();
    this.#seen.set(digits, validUntil);
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_MILLIS) return;
    this.#sweptAt = now;
    for (const [digits, until] of this.#seen) if (until < now) this.#seen.delete(digits);
  }
}

const replayed = () =>
  new ServiceException(
    'InvalidSignatureException',
    'The signature was used before. Sign the request again.',
    {},
    'signature-replayed',
  );

const tooMany = () =>
  new ServiceException('TooManyRequestsException', 'Too Many Requests', {}, 'signatures-too-many');
