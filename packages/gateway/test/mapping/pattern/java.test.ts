import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compilePattern } from '../../../src/mapping/pattern/pattern.ts';
import { replaceAll, replaceFirst } from '../../../src/mapping/pattern/replace.ts';
import { split } from '../../../src/mapping/pattern/split.ts';

/** What java.util.regex of Java 17 answered; see test/mapping/oracle. */
interface Recorded {
  readonly pattern: string;
  readonly text: string;
  readonly replacement: string;
  readonly limit: number;
  readonly matches: boolean;
  readonly parts: readonly string[];
  readonly all?: string;
  readonly first?: string;
  readonly badReplacement?: boolean;
  readonly invalid?: string;
}

const fixture = new URL('fixtures/java.json', import.meta.url);
const recorded: readonly Recorded[] = JSON.parse(readFileSync(fixture, 'utf8'));
const valid = recorded.filter((each) => each.invalid === undefined);
const patternError = expect.objectContaining({ name: 'PatternError' });

test('a pattern Java refuses does not compile', () => {
  for (const { pattern, invalid } of recorded) {
    if (invalid !== undefined) {
      expect(() => compilePattern(pattern), `${pattern}: ${invalid}`).toThrow(patternError);
    }
  }
});

test('matches, over the whole text, as in Java', () => {
  for (const { pattern, text, matches } of valid) {
    expect(compilePattern(pattern).matches(text), hint(pattern, text)).toBe(matches);
  }
});

test('replaces all matches as in Java', () => {
  for (const { pattern, text, replacement, all } of valid) {
    if (all !== undefined) {
      expect(replaceAll(text, pattern, replacement), hint(pattern, text)).toBe(all);
    }
  }
});

test('replaces the first match as in Java', () => {
  for (const { pattern, text, replacement, first } of valid) {
    if (first !== undefined) {
      expect(replaceFirst(text, pattern, replacement), hint(pattern, text)).toBe(first);
    }
  }
});

test('refuses a replacement that Java refuses', () => {
  for (const { pattern, text, replacement, badReplacement } of valid) {
    if (badReplacement) {
      expect(() => replaceAll(text, pattern, replacement)).toThrow(patternError);
    }
  }
});

test('splits as in Java', () => {
  for (const { pattern, text, limit, parts } of valid) {
    expect(split(text, pattern, limit), `${hint(pattern, text)} ${limit}`).toEqual(parts);
  }
});

function hint(pattern: string, text: string): string {
  return `${JSON.stringify(pattern)} over ${JSON.stringify(text)}`;
}
