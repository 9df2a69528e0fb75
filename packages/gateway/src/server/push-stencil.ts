/**
 * One program's pushes to one stage are the same bytes again and again, but for a few places of the same length: the
 * connection's id, the date, the signature. A stencil is made of a push that was read in full and answered 200.
 * Where all other bytes are the same, and letters and digits stand in those places, reading a head in full would
 * say the same of it: so nothing is read but those places. (Random edits hold the two together, in tests.)
 */
import { copyShort } from '../ambient/short-bytes.ts';
import {
  type RepeatedSignature,
  repeatedSignature,
  type Varying,
} from '../iam/repeated-signature.ts';
import { type Address, parseAddress } from '../stages/address.ts';
import type { PushLayout } from './push-layout.ts';
import type { WholePush } from './whole-push.ts';

/** An id as SDKs write it: 13 bytes in base64url, with its padding. */
const ID_CHARACTERS = 18;
const ID = /\/[\w-]{18}%3D%3D$/;
const PADDING_CHARACTERS = '%3D%3D'.length;

const WORD = /^[\w-]+$/;
const HEXADECIMAL = /^[0-9a-f]{64}$/;
const SIGNATURE = /[0-9a-f]{64}$/;
const SIGNATURE_CHARACTERS = 64;
const LENGTH = 'content-length';

/** Headers whose values differ from push to push. */
const VARYING: Readonly<Record<string, RegExp>> = {
  'x-amz-date': /^\w{16}$/,
  'x-amz-content-sha256': HEXADECIMAL,
  'amz-sdk-invocation-id': WORD,
  [LENGTH]: WORD,
};

const isWord = Uint8Array.from({ length: 256 }, (_, code) =>
  WORD.test(String.fromCharCode(code)) ? 1 : 0,
);
const ZERO = '0'.charCodeAt(0);

/** The id that was read last, with its padding. */
const idBytes = Buffer.from(`${' '.repeat(ID_CHARACTERS)}==`);

export class PushStencil {
  readonly headBytes: number;
  readonly layout: PushLayout;
  readonly signature: RepeatedSignature | undefined;
  readonly #place: Address;
  /** Of the places that differ. */
  readonly #begins: Uint16Array;
  readonly #ends: Uint16Array;
  readonly #id: Varying;
  readonly #length: Varying;
  /** What the head has, four bytes a number, and which bits of it are to be the same. */
  readonly #words: Int32Array;
  readonly #masks: Int32Array;

  constructor(head: Uint8Array, push: WholePush, varying: readonly Varying[]) {
    this.headBytes = head.length;
    this.layout = push.layout;
    this.signature = repeatedSignature(push, varying);
    this.#place = parseAddress(push.headers.host, push.path);
    this.#begins = Uint16Array.from(varying, ({ at }) => at);
    this.#ends = Uint16Array.from(varying, ({ at, length }) => at + length);
    this.#id = varying.find(({ of }) => of === 'path')!;
    this.#length = varying.find(({ of }) => of === LENGTH)!;
    const masks = new Uint8Array(Math.ceil(head.length / 4) * 4);
    masks.fill(0xff, 0, head.length);
    for (const { at, length } of varying) masks.fill(0, at, at + length);
    const bytes = new Uint8Array(masks.length);
    bytes.set(head);
    for (const [at, mask] of masks.entries()) bytes[at]! &= mask;
    this.#words = new Int32Array(bytes.buffer);
    this.#masks = new Int32Array(masks.buffer);
  }

  /** Whether `bytes`, of which `words` are the same memory, begin with such a head. */
  fits(bytes: Uint8Array, words: Int32Array, length: number): boolean {
    if (length < this.headBytes) return false;
    const own = this.#words;
    const masks = this.#masks;
    if (words.length < own.length) return false;
    for (let index = 0; index < own.length; index += 1) {
      if ((words[index]! & masks[index]!) !== own[index]) return false;
    }
    let areWords = 1;
    for (let place = 0; place < this.#begins.length; place += 1) {
      const end = this.#ends[place]!;
      for (let at = this.#begins[place]!; at < end; at += 1) areWords &= isWord[bytes[at]!]!;
    }
    return areWords === 1;
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

/** `undefined` for a head that has no places, or others than those that are known. */
export function stencilOf(head: Uint8Array, push: WholePush): PushStencil | undefined {
  const { path, headers } = push;
  if (!headers.isTidy || !ID.test(path)) return undefined;
  const idAt = path.length - PADDING_CHARACTERS - ID_CHARACTERS;
  let at = 'POST '.length;
  const varying: Varying[] = [{ of: 'path', from: idAt, length: ID_CHARACTERS, at: at + idAt }];
  at += path.length + ' HTTP/1.1\r\n'.length;
  for (const [index, name] of headers.names.entries()) {
    const value = headers.values[index]!;
    at += headers.spelled[index]!.length + ': '.length;
    const from = value.length - SIGNATURE_CHARACTERS;
    if (VARYING[name]?.test(value)) {
      varying.push({ of: name, from: 0, length: value.length, at });
    } else if (name === 'authorization' && SIGNATURE.test(value)) {
      varying.push({ of: name, from, length: SIGNATURE_CHARACTERS, at: at + from });
    }
    at += value.length + '\r\n'.length;
  }
  return new PushStencil(head, push, varying);
}
