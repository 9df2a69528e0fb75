import type { Steps } from './matcher.ts';
import { keptPattern, type Match, type Pattern } from './pattern.ts';
import { PatternError } from './pattern-error.ts';

export interface ReplaceLimits {
  readonly steps?: Steps;
  /** Length of the result; a longer one is a `PatternError`. */
  readonly charactersMax?: number;
}

/** `String.replaceAll` of Java: `$1`, `${name}` and `\x` in the replacement. */
export function replaceAll(
  text: string,
  pattern: string,
  replacement: string,
  limits: ReplaceLimits = {},
): string {
  return replace(text, keptPattern(pattern), replacement, Number.POSITIVE_INFINITY, limits);
}

/** `String.replaceFirst` of Java. */
export function replaceFirst(
  text: string,
  pattern: string,
  replacement: string,
  limits: ReplaceLimits = {},
): string {
  return replace(text, keptPattern(pattern), replacement, 1, limits);
}

function replace(
  text: string,
  pattern: Pattern,
  replacement: string,
  timesMax: number,
  { steps, charactersMax = Number.POSITIVE_INFINITY }: ReplaceLimits,
): string {
  let result = '';
  let copied = 0;
  let times = 0;
  for (const match of pattern.findAll(text, steps)) {
    result += text.slice(copied, match.start) + expand(replacement, pattern, match);
    if (result.length > charactersMax) {
      throw new PatternError(`Replacing makes more than ${charactersMax} characters`);
    }
    copied = match.end;
    times += 1;
    if (times >= timesMax) {
      break;
    }
  }
  return result + text.slice(copied);
}

function expand(replacement: string, pattern: Pattern, match: Match): string {
  if (!/[\\$]/.test(replacement)) {
    return replacement;
  }
  let result = '';
  for (let at = 0; at < replacement.length; at++) {
    const character = replacement[at]!;
    if (character === '\\') {
      at += 1;
      if (at === replacement.length) {
        throw new PatternError('character to be escaped is missing');
      }
      result += replacement[at];
    } else if (character === '$') {
      const reference = takeReference(replacement, at, pattern);
      result += match.group(reference.group) ?? '';
      at += reference.length - 1;
    } else {
      result += character;
    }
  }
  return result;
}

/** More digits belong to a group's number as long as there is such a group. */
function takeReference(
  replacement: string,
  at: number,
  pattern: Pattern,
): { group: number; length: number } {
  const name = /^\$\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(replacement.slice(at));
  if (name !== null) {
    const group = pattern.groupNames.get(name[1]!);
    if (group === undefined) {
      throw new PatternError(`No group with name {${name[1]}}`);
    }
    return { group, length: name[0].length };
  }
  const digits = /^\$(\d+)/.exec(replacement.slice(at, at + 8))?.[1];
  if (digits === undefined) {
    throw new PatternError('Illegal group reference');
  }
  let length = 1;
  while (length < digits.length && Number(digits.slice(0, length + 1)) <= pattern.groups) {
    length += 1;
  }
  const group = Number(digits.slice(0, length));
  if (group > pattern.groups) {
    throw new PatternError(`No group ${group}`);
  }
  return { group, length: length + 1 };
}
