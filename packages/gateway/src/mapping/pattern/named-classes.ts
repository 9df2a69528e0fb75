import type { CharacterSet } from './nodes.ts';

/** The classes that have a letter or a name in Java: `\d`, `\p{Alpha}`, `\p{Lu}`. */

export function range(first: number, last: number): CharacterSet {
  return (codePoint) => codePoint >= first && codePoint <= last;
}

export function not(set: CharacterSet): CharacterSet {
  return (codePoint) => !set(codePoint);
}

export function union(...sets: readonly CharacterSet[]): CharacterSet {
  return sets.length === 1 ? sets[0]! : (codePoint) => sets.some((set) => set(codePoint));
}

export function oneOf(characters: string): CharacterSet {
  const codePoints = new Set([...characters].map((character) => character.codePointAt(0)!));
  return (codePoint) => codePoints.has(codePoint);
}

/** A letter matches both its cases, for ASCII letters only, as in Java without UNICODE_CASE. */
export function ignoringCase(set: CharacterSet): CharacterSet {
  return (codePoint) => set(codePoint) || set(otherCase(codePoint));
}

export function otherCase(codePoint: number): number {
  return lower(codePoint) || upper(codePoint) ? codePoint ^ 0x20 : codePoint;
}

const lower = range(0x61, 0x7a);
const upper = range(0x41, 0x5a);
const digit = range(0x30, 0x39);
const alpha = union(lower, upper);
const alnum = union(alpha, digit);
const graph = range(0x21, 0x7e);

export const lineTerminator = oneOf('\n\r\u0085\u2028\u2029');
export const wordCharacter = union(alnum, oneOf('_'));

/** `\d` and its like; the capital letter is the complement. */
export const letterClasses: Readonly<Record<string, CharacterSet>> = {
  d: digit,
  s: oneOf(' \t\n\u000b\f\r'),
  w: wordCharacter,
  h: union(oneOf(' \t\u00a0\u1680\u180e\u202f\u205f\u3000'), range(0x2000, 0x200a)),
  v: union(oneOf('\u2028\u2029\u0085'), range(0x0a, 0x0d)),
};

const posixClasses: Readonly<Record<string, CharacterSet>> = {
  Lower: lower,
  Upper: upper,
  ASCII: range(0, 0x7f),
  Alpha: alpha,
  Digit: digit,
  Alnum: alnum,
  Punct: (codePoint) => graph(codePoint) && !alnum(codePoint),
  Graph: graph,
  Print: range(0x20, 0x7e),
  Blank: oneOf(' \t'),
  Cntrl: union(range(0, 0x1f), range(0x7f, 0x7f)),
  XDigit: union(digit, range(0x41, 0x46), range(0x61, 0x66)),
  Space: oneOf(' \t\n\u000b\f\r'),
};

const categories = new Set(
  'L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co Cn'.split(
    ' ',
  ),
);

const unicodeProperties: Readonly<Record<string, string>> = {
  IsAlphabetic: 'Alphabetic',
  IsIdeographic: 'Ideographic',
  IsLowercase: 'Lowercase',
  IsUppercase: 'Uppercase',
  IsWhite_Space: 'White_Space',
  IsDigit: 'Nd',
  IsPunctuation: 'P',
  IsLetter: 'L',
  IsLatin: 'Script=Latin',
  IsGreek: 'Script=Greek',
  IsCyrillic: 'Script=Cyrillic',
  IsHan: 'Script=Han',
  javaLowerCase: 'Lowercase',
  javaUpperCase: 'Uppercase',
  javaWhitespace: 'White_Space',
  javaLetter: 'L',
  javaDigit: 'Nd',
};

/** The class `\p{name}`, `undefined` when Java's name for it is not known here. */
export function namedClass(name: string): CharacterSet | undefined {
  if (Object.hasOwn(posixClasses, name)) {
    return posixClasses[name];
  }
  const category = name.startsWith('Is') ? name.slice(2) : name;
  if (categories.has(category)) {
    return unicodeClass(category);
  }
  return Object.hasOwn(unicodeProperties, name)
    ? unicodeClass(unicodeProperties[name]!)
    : undefined;
}

/** One code point against one property: a regular expression that cannot backtrack. */
function unicodeClass(property: string): CharacterSet {
  const expression = new RegExp(`^\\p{${property}}$`, 'u');
  return (codePoint) => expression.test(String.fromCodePoint(codePoint));
}
