import { expect, test } from 'vitest';
import { compilePattern, keptPattern } from '../../../src/mapping/pattern/pattern.ts';
import { replaceAll } from '../../../src/mapping/pattern/replace.ts';

test('a pattern that backtracks without end is stopped', () => {
  expect(() => compilePattern('(a|aa)+$').matches(`${'a'.repeat(60)}b`)).toThrow('too many steps');
  expect(() => compilePattern('a*a*a*a*a*b').matches('a'.repeat(5000))).toThrow('too many steps');
});

test('several matches may share one budget of steps', () => {
  const steps = { left: 50 };
  const pattern = compilePattern('a*');
  expect(pattern.matches('aaaa', steps)).toBe(true);
  expect(() => pattern.matches('a'.repeat(60), steps)).toThrow('too many steps');
});

test('a long text costs steps and no stack', () => {
  const text = `${'ab'.repeat(50_000)}!`;
  expect(replaceAll(text, '(?:ab)+', '-')).toBe('-!');
  expect(replaceAll('"'.repeat(100_000), '"', '\\\\"')).toHaveLength(200_000);
});

test('a pattern too large to compile is refused', () => {
  expect(() => compilePattern('((a{100}){100}){100}')).toThrow('20000 instructions');
  expect(() => compilePattern('a'.repeat(4097))).toThrow('4096 characters');
  expect(() => compilePattern(`${'('.repeat(100)}${')'.repeat(100)}`)).toThrow('64 deep');
  expect(() => compilePattern(`${'['.repeat(100)}a${']'.repeat(100)}`)).toThrow('64 deep');
});

test('patterns of templates are kept while they are small and few', () => {
  expect(keptPattern('[aeiou]+')).toBe(keptPattern('[aeiou]+'));
  expect(keptPattern('a{500}')).toBe(keptPattern('a{500}'));
  expect(keptPattern('a{501}')).not.toBe(keptPattern('a{501}'));
  const first = keptPattern('kept');
  for (let at = 0; at < 500; at += 1) keptPattern(`made-up-${at}`);
  expect(keptPattern('kept')).not.toBe(first);
});
