import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arnGlob, type Glob, type GlobPart, resourceGlob, textGlob } from '../../src/iam/glob.ts';
import { matchesGlob } from '../../src/iam/glob-match.ts';

/** The matcher against definitions too simple to be wrong, on small alphabets full of accidents. */
const SEED = 20_261_122;
const RUNS = 20_000;

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*', '?', '*'), maxLength: 12 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', 'a'), maxLength: 16 });

describe('a pattern matches as its definition says', () => {
  test('plain text', () => {
    check(textGlob, (rest, candidate) => oracle(rest, candidate, () => true));
  });

  test('the Resource element: a * at the end of a name may run past the colon', () => {
    check(resourceGlob, (rest, candidate) =>
      oracle(rest, candidate, (colons, next) => colons >= 5 || next === undefined || next === ':'),
    );
  });

  test('the Arn operators: each name by itself', () => {
    check(arnGlob, (rest, candidate) =>
      oracle(rest, candidate, (colons, next) => colons >= 5 || next === undefined),
    );
  });
});

test('a text matches itself, itself with a piece replaced by *, and any suffix by *', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), fc.nat(), (whole, from, to) => {
      const start = Math.min(from % (whole.length + 1), to % (whole.length + 1));
      const end = Math.max(from % (whole.length + 1), to % (whole.length + 1));
      const literal = (part: string): GlobPart => ({ text: part, hasWildcards: false });
      const star: GlobPart = { text: '*', hasWildcards: true };
      const before = literal(whole.slice(0, start));
      expect(matchesGlob(textGlob([literal(whole)]), whole)).toBe(true);
      expect(matchesGlob(textGlob([before, star]), whole)).toBe(true);
      const punched = textGlob([before, star, literal(whole.slice(end))]);
      expect(matchesGlob(punched, whole)).toBe(true);
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

test('? is one character, also one that takes two units', () => {
  const matches = (wanted: string, given: string) =>
    matchesGlob(textGlob([{ text: wanted, hasWildcards: true }]), given);
  expect(matches('?', '😀')).toBe(true);
  expect(matches('??', '😀')).toBe(false);
  expect(matches('*?', '😀')).toBe(true);
  expect(matches('*??', '😀')).toBe(false);
  expect(matches('?', '')).toBe(false);
});

function check(
  read: (parts: readonly GlobPart[]) => Glob,
  expected: (pattern: string, text: string) => boolean,
): void {
  let matched = 0;
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      const glob = read([{ text: wanted, hasWildcards: true }]);
      const isMatch = expected(wanted, given);
      if (isMatch) matched += 1;
      expect(matchesGlob(glob, given)).toBe(isMatch);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // A property that hardly ever sees a match would prove little.
  expect(matched).toBeGreaterThan(RUNS / 20);
}

/** `crosses` tells of a wildcard whether a colon may be among what it matches. */
function oracle(
  wanted: string,
  given: string,
  crosses: (colons: number, next: string | undefined) => boolean,
  colons = 0,
): boolean {
  if (wanted === '') return given === '';
  const [first, next] = [wanted[0], wanted[1]];
  const rest = (left: string, passed = colons) => oracle(wanted.slice(1), left, crosses, passed);
  if (first === '?') {
    const takes = given !== '' && (given[0] !== ':' || crosses(colons, ''));
    return takes && rest(given.slice(1));
  }
  if (first !== '*') {
    return first === given[0] && rest(given.slice(1), first === ':' ? colons + 1 : colons);
  }
  for (let length = 0; length <= given.length; length += 1) {
    if (given.slice(0, length).includes(':') && !crosses(colons, next)) return false;
    if (rest(given.slice(length))) return true;
  }
  return false;
}
