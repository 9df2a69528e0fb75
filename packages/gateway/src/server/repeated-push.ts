/** Pushes that are like others before them: of such a one only what differs is read. */
import type { RepeatedSignature } from '../iam/repeated-signature.ts';
import type { Address } from '../stages/address.ts';
import { type PushHeaders, PushRequest } from './push-request.ts';
import { type PushStencil, stencilOf } from './push-stencil.ts';
import { BODY_BYTES_MAX, readWholePush, WholePush } from './whole-push.ts';

/** Few programs push to one gateway; each has one for bodies of two digits, of three, of four. */
const STENCILS_MAX = 16;
const stencils: PushStencil[] = [];

class RepeatedPush extends PushRequest {
  readonly query = '';
  readonly #stencil: PushStencil;
  #bytes: Buffer;
  #whole: WholePush | undefined;

  constructor(stencil: PushStencil, bytes: Buffer, body: Buffer) {
    super(stencil.headBytes, body);
    this.#stencil = stencil;
    this.#bytes = bytes;
  }

  get address(): Address {
    return this.#stencil.addressOf(this.#bytes);
  }

  get repeated(): RepeatedSignature | undefined {
    return this.#stencil.signature?.read(this.#bytes);
  }

  get path(): string {
    return this.#asWhole.path;
  }

  get headers(): PushHeaders {
    return this.#asWhole.headers;
  }

  override keep(): void {
    this.#bytes = Buffer.from(this.#bytes.subarray(0, this.headBytes + this.body.length));
  }

  /** Who asks for more than every push is asked for has it read in full. */
  get #asWhole(): WholePush {
    const until = this.headBytes + this.body.length;
    this.#whole ??= readWholePush(this.#bytes, 0, until)!;
    return this.#whole;
  }
}

let lastBytes: Buffer | undefined;
let lastWords: Int32Array = new Int32Array(0);

/** The same memory, four bytes a number: mostly it is the one buffer that is read into. */
function wordsOf(bytes: Buffer): Int32Array | undefined {
  if (bytes === lastBytes) return lastWords;
  if (bytes.byteOffset % 4 !== 0) return undefined;
  lastBytes = bytes;
  lastWords = new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  return lastWords;
}

/** `undefined` for what does not begin with a whole push that is like another. */
export function readRepeatedPush(bytes: Buffer, until: number): PushRequest | undefined {
  const words = stencils.length > 0 ? wordsOf(bytes) : undefined;
  if (!words) return undefined;
  for (let index = 0; index < stencils.length; index += 1) {
    const stencil = stencils[index]!;
    if (!stencil.fits(bytes, words, until)) continue;
    if (index > 0) moveAhead(index);
    const length = stencil.bodyBytes(bytes);
    const bodyAt = stencil.headBytes;
    if (length === undefined || length > BODY_BYTES_MAX || bodyAt + length > until)
      return undefined;
    const body = Buffer.allocUnsafe(length);
    bytes.copy(body, 0, bodyAt, bodyAt + length);
    stencil.layout.met();
    return new RepeatedPush(stencil, bytes, body);
  }
  return undefined;
}

/** So those that fit often are compared with first, and the last one is the one to do without. */
function moveAhead(index: number): void {
  const stencil = stencils[index]!;
  stencils[index] = stencils[index - 1]!;
  stencils[index - 1] = stencil;
}

/** The push was answered 200: if none was like it often enough, others may be. */
export function learnFrom(push: PushRequest): void {
  if (!(push instanceof WholePush) || !push.layout.missed(push.headers.values)) return;
  const stencil = stencilOf(push);
  if (!stencil) return;
  if (stencils.length >= STENCILS_MAX) stencils.pop();
  stencils.push(stencil);
}
