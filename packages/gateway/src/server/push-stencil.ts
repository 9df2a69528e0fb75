/**
 * One program's pushes to one stage are the same bytes again and again, but for a few places of the same length: the
 * connection's id, the date, the signature, what traces the call. A stencil is made of a push that was read in full
 * and answered 200. Where all other bytes are the same, and such characters stand in those places as may, reading
 * a head in full would say the same of it: so nothing is read but those places. (Random edits hold the two
 * together, in tests.)
 */
import { copyShort } from '../ambient/short-bytes.ts';
import {
  type RepeatedSignature,
  repeatedSignature,
  type Varying,
} from '../iam/repeated-signature.ts';
import { type Address, parseAddress } from '../stages/address.ts';
import type { PushLayout } from './push-layout.ts';
import { strangeIn } from './visible-bytes.ts';
import type { WholePush } from './whole-push.ts';

/** An id as SDKs write it: 13 bytes in base64url, with its padding. */
const ID_CHARACTERS = 18;
const ID = /\/[\w-]{18}%3D%3D$/;
const PADDING_CHARACTERS = '%3D%3D'.length;

const SIGNATURE = /[0-9a-f]{64}$/;
const SIGNATURE_CHARACTERS = 64;

/** Of headers that differ from push to push, though all of one second, or of one body, may have the same. */
const DIFFERING = new Set([
  'content-length',
  'x-amz-date',
  'x-amz-content-sha256',
  'amz-sdk-invocation-id',
]);
/** Of those that say where a push goes, what becomes of its connection and who sends it: these must be the same. */
const SAME = new Set(['host', 'connection', 'authorization', 'x-amz-security-token']);

const WORD = /[\w-]/;
const isWord = Uint8Array.from({ length: 256 }, (_, code) =>
  WORD.test(String.fromCharCode(code)) ? 1 : 0,
);
const ZERO = '0'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);
/** `\r\n\r\n`, as one number. */
const HEAD_END = 0x0d0a0d0a;
const WORD_BYTES = 4;

/** The id that was read last, with its padding. */
const idBytes = Buffer.from(`${' '.repeat(ID_CHARACTERS)}==`);

export class PushStencil {
  readonly headBytes: number;
  readonly layout: PushLayout;
  readonly signature: RepeatedSignature | undefined;
  readonly #place: Address;
  readonly #id: Varying;
  readonly #length: Varying;
  readonly #signed: Varying | undefined;
  /** What the head has, four bytes a number, and which bits of it are to be the same. */
  readonly #words: Int32Array;
  readonly #masks: Int32Array;
  /** Which of these have places that may be anything visible. */
  readonly #visible: Uint16Array;

  constructor(head: Uint8Array, push: WholePush, varying: readonly Varying[]) {
    this.headBytes = head.length;
    this.layout = push.layout;
    this.signature = repeatedSignature(push, varying);
    this.#place = parseAddress(push.headers.host, push.path);
    this.#id = varying.find(({ of }) => of === 'path')!;
    this.#length = varying.find(({ of }) => of === 'content-length')!;
    this.#signed = varying.find(({ of }) => of === 'authorization');
    // Whatever is left of a head behind its last four bytes is a part of its end.
    const bytes = new Uint8Array(head.length - (head.length % WORD_BYTES));
    bytes.set(head.subarray(0, bytes.length));
    const masks = new Uint8Array(bytes.length).fill(0xff);
    const visible = new Set<number>();
    for (const place of varying) {
      for (let at = place.at; at < place.at + place.length; at += 1) {
        if (head[at] === SPACE) continue;
        masks[at] = 0;
        if (place !== this.#id && place !== this.#signed) visible.add(Math.floor(at / WORD_BYTES));
      }
    }
    for (const [at, mask] of masks.entries()) bytes[at]! &= mask;
    this.#words = new Int32Array(bytes.buffer);
    this.#masks = new Int32Array(masks.buffer);
    this.#visible = Uint16Array.from(visible);
  }

  /** Whether `bytes`, of which `words` are the same memory, begin with such a head. */
  fits(bytes: Buffer, words: Int32Array, length: number): boolean {
    const { headBytes } = this;
    // Those of another length mostly show it here.
    if (length < headBytes || bytes.readInt32BE(headBytes - WORD_BYTES) !== HEAD_END) return false;
    const own = this.#words;
    const masks = this.#masks;
    if (words.length < own.length) return false;
    for (let index = 0; index < own.length; index += 1) {
      if ((words[index]! & masks[index]!) !== own[index]) return false;
    }
    let strange = 0;
    for (let place = 0; place < this.#visible.length; place += 1) {
      const index = this.#visible[place]!;
      strange |= strangeIn(words[index]!) & ~masks[index]!;
    }
    return strange === 0 && areWords(bytes, this.#id) && areWords(bytes, this.#signed);
  }

  /** Of a head that fits. `undefined` for what is no number as it should be. */
  bodyBytes(bytes: Uint8Array): number | undefined {
    const { at, length } = this.#length;
    let number = 0;
    for (let index = at; index < at + length; index += 1) {
      const digit = bytes[index]! - ZERO;
      if (digit < 0 || digit > 9) return undefined;
      number = number * 10 + digit;
    }
    return length > 1 && bytes[at] === ZERO ? undefined : number;
  }

  /** Of a head that fits. */
  addressOf(bytes: Uint8Array): Address {
    copyShort(bytes, this.#id.at, idBytes, 0, ID_CHARACTERS);
    const { host, segments, hostApiId } = this.#place;
    return { host, segments, hostApiId, connection: [idBytes.toString('latin1')] };
  }
}

/** Ids and signatures have letters and digits; with other characters, they would be read otherwise. */
function areWords(bytes: Uint8Array, place: Varying | undefined): boolean {
  if (!place) return true;
  const end = place.at + place.length;
  let areAll = 1;
  for (let at = place.at; at < end; at += 1) areAll &= isWord[bytes[at]!]!;
  return areAll === 1;
}

/** `undefined` for a head without a place for an id. */
export function stencilOf(push: WholePush): PushStencil | undefined {
  const { path, headers, layout } = push;
  if (!headers.isTidy || !ID.test(path)) return undefined;
  const idAt = path.length - PADDING_CHARACTERS - ID_CHARACTERS;
  let at = 'POST '.length;
  const varying: Varying[] = [{ of: 'path', from: idAt, length: ID_CHARACTERS, at: at + idAt }];
  at += path.length + ' HTTP/1.1\r\n'.length;
  for (const [index, name] of headers.names.entries()) {
    const value = headers.values[index]!;
    at += headers.spelled[index]!.length + ': '.length;
    const from = value.length - SIGNATURE_CHARACTERS;
    if (DIFFERING.has(name) || (layout.hasDiffered(index) && !SAME.has(name))) {
      varying.push({ of: name, from: 0, length: value.length, at });
    } else if (name === 'authorization' && SIGNATURE.test(value)) {
      varying.push({ of: name, from, length: SIGNATURE_CHARACTERS, at: at + from });
    }
    at += value.length + '\r\n'.length;
  }
  return new PushStencil(Buffer.from(push.head, 'latin1'), push, varying);
}
