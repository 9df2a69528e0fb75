/** Every limit of this folder. Passing one is a `JsonPathError`, at compile time or at read time. */

/** Length of a path, filters included. */
export const pathCharactersMax = 4096;

/** Parentheses and filters within one another. */
export const filterNestingMax = 32;

/** Nesting of a document under a deep scan: what Jayway's own JSON reader accepts. */
export const documentNestingMax = 400;

/** Values visited by one read. A 128 KB message holds at most 64 K values. */
export const readStepsMax = 500_000;
