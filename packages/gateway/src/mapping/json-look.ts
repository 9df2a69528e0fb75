/**
 * Looks JSON through where it lies, without making what it says: most messages are asked for no more than
 * whether they are JSON, and for the text of one member. `JSON.parse` stays the judge: what is not plainly
 * so here is left to it.
 */

/** The look for what a path names, where it may do: the path is one name, of ASCII alone. */
export function memberLook({ member }: { readonly member?: string }): MemberLook | undefined {
  return member !== undefined && /^[ -~]*$/.test(member) ? new MemberLook(member) : undefined;
}

/** The way to a member of the outermost object. Made once for a name; looks are for one thing at a time. */
export class MemberLook {
  readonly name: string;
  readonly #name: Buffer;
  #valueAt = NONE;
  #valueEnd = NONE;

  /** `name`: of ASCII alone. */
  constructor(name: string) {
    this.name = name;
    this.#name = Buffer.from(name, 'latin1');
  }

  /**
   * The member's text, or '' where the object has no such member; `undefined` where `JSON.parse` has to
   * say: this may be no JSON, no object, or another value than text without escapes.
   */
  textIn(bytes: Buffer): string | undefined {
    this.#valueAt = NONE;
    if (!isPlainJson(bytes, this)) return undefined;
    const at = this.#valueAt;
    if (at === NONE) return '';
    const isPlain = bytes[at] === QUOTE && nameEnd(bytes, at + 1) === this.#valueEnd - 1;
    return isPlain ? bytes.toString('utf8', at + 1, this.#valueEnd - 1) : undefined;
  }

  /** A member of the outermost object was met. Of several with one name the last counts. */
  met(bytes: Buffer, nameAt: number, nameEnd: number, valueAt: number, valueEnd: number): void {
    const name = this.#name;
    const { length } = name;
    if (nameEnd - nameAt !== length) return;
    for (let index = 0; index < length; index += 1) {
      if (bytes[nameAt + index] !== name[index]) return;
    }
    this.#valueAt = valueAt;
    this.#valueEnd = valueEnd;
  }
}

/** Whether this is, for certain, a JSON object. `look` is told of its members. */
export function isPlainJson(bytes: Buffer, look?: MemberLook): boolean {
  const at = blanksEnd(bytes, 0);
  if (at >= bytes.length || bytes[at] !== OPENING_BRACE) return false;
  const end = objectEnd(bytes, at, NESTING_MAX, look);
  return end !== NONE && blanksEnd(bytes, end) === bytes.length;
}

const NONE = -1;
/** Deeper ones are left to `JSON.parse`. */
const NESTING_MAX = 32;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BLANK = 0x20;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/* Each of these is given where something begins and returns where it ends, or NONE. */

function valueEnd(bytes: Buffer, at: number, nestingLeft: number): number {
  if (at >= bytes.length) return NONE;
  switch (bytes[at]) {
    case QUOTE:
      return stringEnd(bytes, at + 1);
    case OPENING_BRACE:
      return objectEnd(bytes, at, nestingLeft - 1, undefined);
    case OPENING_BRACKET:
      return arrayEnd(bytes, at, nestingLeft - 1);
    default:
      return wordEnd(bytes, at);
  }
}

function objectEnd(bytes: Buffer, start: number, nestingLeft: number, look?: MemberLook): number {
  if (nestingLeft === 0) return NONE;
  let at = blanksEnd(bytes, start + 1);
  if (at < bytes.length && bytes[at] === CLOSING_BRACE) return at + 1;
  for (;;) {
    if (at >= bytes.length || bytes[at] !== QUOTE) return NONE;
    const nameAt = at + 1;
    const nameTo = nameEnd(bytes, nameAt);
    if (nameTo === NONE) return NONE;
    at = blanksEnd(bytes, nameTo + 1);
    if (at >= bytes.length || bytes[at] !== COLON) return NONE;
    const valueAt = blanksEnd(bytes, at + 1);
    const valueTo = valueEnd(bytes, valueAt, nestingLeft);
    if (valueTo === NONE) return NONE;
    look?.met(bytes, nameAt, nameTo, valueAt, valueTo);
    at = blanksEnd(bytes, valueTo);
    if (at >= bytes.length) return NONE;
    if (bytes[at] === CLOSING_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return NONE;
    at = blanksEnd(bytes, at + 1);
  }
}

function arrayEnd(bytes: Buffer, start: number, nestingLeft: number): number {
  if (nestingLeft === 0) return NONE;
  let at = blanksEnd(bytes, start + 1);
  if (at < bytes.length && bytes[at] === CLOSING_BRACKET) return at + 1;
  for (;;) {
    at = valueEnd(bytes, at, nestingLeft);
    if (at === NONE) return NONE;
    at = blanksEnd(bytes, at);
    if (at >= bytes.length) return NONE;
    if (bytes[at] === CLOSING_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) return NONE;
    at = blanksEnd(bytes, at + 1);
  }
}

/** Of a string, from behind its opening quote to behind its closing one. */
function stringEnd(bytes: Buffer, start: number): number {
  const { length } = bytes;
  for (let at = start; at < length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < BLANK) return NONE;
    if (byte === BACKSLASH) {
      at += 1;
      if (at >= length || !isEscape(bytes[at]!)) return NONE;
    }
  }
  return NONE;
}

/** Of a string without escapes, to its closing quote. */
function nameEnd(bytes: Buffer, start: number): number {
  const { length } = bytes;
  for (let at = start; at < length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte < BLANK || byte === BACKSLASH) return NONE;
  }
  return NONE;
}

/** Of those behind a backslash: all but `u`, whose digits `JSON.parse` may read. */
function isEscape(byte: number): boolean {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return true;
    default:
      return false;
  }
}

function wordEnd(bytes: Buffer, start: number): number {
  switch (bytes[start]) {
    case TRUE[0]:
      return namedEnd(bytes, start, TRUE);
    case FALSE[0]:
      return namedEnd(bytes, start, FALSE);
    case NULL[0]:
      return namedEnd(bytes, start, NULL);
    default:
      return numberEnd(bytes, start);
  }
}

function namedEnd(bytes: Buffer, start: number, word: Buffer): number {
  const end = start + word.length;
  if (end > bytes.length) return NONE;
  for (let index = 1; index < word.length; index += 1) {
    if (bytes[start + index] !== word[index]) return NONE;
  }
  return end;
}

/** Of a number without exponent; others are left to `JSON.parse`. */
function numberEnd(bytes: Buffer, start: number): number {
  const wholeAt = bytes[start] === MINUS ? start + 1 : start;
  const wholeEnd = digitsEnd(bytes, wholeAt);
  const hasZeroAhead = bytes[wholeAt] === ZERO && wholeEnd > wholeAt + 1;
  if (wholeEnd === wholeAt || hasZeroAhead) return NONE;
  if (wholeEnd >= bytes.length || bytes[wholeEnd] !== POINT) return wholeEnd;
  const end = digitsEnd(bytes, wholeEnd + 1);
  return end === wholeEnd + 1 ? NONE : end;
}

function digitsEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at]! >= ZERO && bytes[at]! <= NINE) at += 1;
  return at;
}

function blanksEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && isBlank(bytes[at]!)) at += 1;
  return at;
}

const isBlank = (byte: number) => byte === BLANK || byte === 0x0a || byte === 0x0d || byte === 0x09;
