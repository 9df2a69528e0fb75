/** Every limit of this folder. Passing one is a `PatternError`. */

/** Length of a pattern. */
export const patternCharactersMax = 4096;

/** Groups within groups. */
export const groupNestingMax = 64;

/** Instructions of a compiled pattern; `{n,m}` repeats those of its operand. */
export const instructionsMax = 20_000;

/**
 * Steps of one operation, be it one match or the replacement of every match in a text, when the
 * caller hands in no budget of its own.
 */
export const patternStepsMax = 1_000_000;

/** Patterns kept compiled for templates, and how large one may be to be kept. */
export const keptPatternsMax = 500;
export const keptInstructionsMax = 500;
