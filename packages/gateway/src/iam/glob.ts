/**
 * Patterns with `*` (any run of characters, also none) and `?` (one character), taken apart into
 * numbers: a character's UTF-16 code, or one of the wildcards below.
 * The five names that begin an ARN are separated by colons which wildcards respect; in what
 * follows the fifth colon, and in plain text, a colon is a character like any other.
 */
export type Glob = readonly number[];

export const ANY_ONE = -1;
export const ANY_RUN = -2;
/** One character other than a colon. */
export const NAME_ONE = -3;
/** A run without a colon. */
export const NAME_RUN = -4;

/** A piece of pattern; where a variable's value stands, its characters mean themselves. */
export interface GlobPart {
  readonly text: string;
  readonly hasWildcards: boolean;
}

/** For actions and strings. */
export function textGlob(parts: readonly GlobPart[]): Glob {
  return tokens(parts, () => true);
}

/**
 * For the Resource element: `*` at the end of one of the first five names may run on past its
 * colon ("Using wildcards in resource ARNs" in the IAM user guide).
 */
export function resourceGlob(parts: readonly GlobPart[]): Glob {
  return tokens(parts, (colons, next) => colons >= 5 || next === undefined || next === ':');
}

/** For the Arn condition operators: the names are compared one by one. */
export function arnGlob(parts: readonly GlobPart[]): Glob {
  return tokens(parts, (colons, next) => colons >= 5 || next === undefined);
}

/** `crosses` tells whether a wildcard may match colons, by those before it and what follows. */
function tokens(
  parts: readonly GlobPart[],
  crosses: (colons: number, next: string | undefined) => boolean,
): Glob {
  const glob: number[] = [];
  const whole = parts.map((part) => part.text).join('');
  let position = 0;
  let colons = 0;
  for (const { text, hasWildcards } of parts) {
    for (let index = 0; index < text.length; index += 1) {
      position += 1;
      const character = text[index];
      if (hasWildcards && character === '*') {
        glob.push(crosses(colons, whole[position]) ? ANY_RUN : NAME_RUN);
      } else if (hasWildcards && character === '?') {
        glob.push(crosses(colons, '') ? ANY_ONE : NAME_ONE);
      } else {
        if (character === ':') colons += 1;
        glob.push(text.charCodeAt(index));
      }
    }
  }
  return glob;
}
