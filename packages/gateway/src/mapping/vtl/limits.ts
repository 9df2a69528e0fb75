/** Every limit of this folder. Passing one is a `TemplateError`. */

/** Length of a template: what API Gateway accepts. */
export const templateCharactersMax = 300 * 1024;

/** Blocks, parentheses, lists and strings within one another. */
export const templateNestingMax = 64;

/** Macros called within one another: Velocity's `velocimacro.max.depth`. */
export const macroDepthMax = 20;

/** How often a `#define` may render itself within itself: Velocity's own number. */
export const defineDepthMax = 2;

/** Nodes evaluated within one another, through macros, strings and definitions. */
export const evaluationDepthMax = 600;

/** Rounds of one `#foreach`: API Gateway's quota. Further elements are left out, without an error. */
export const foreachRoundsMax = 1000;

/** Length of one string made by a template. */
export const stringCharactersMax = 1_000_000;

/** Elements of one list or map made by a template. */
export const collectionElementsMax = 100_000;

/** Size of an integer made by a template. */
export const integerBitsMax = 4096;

/** Nesting of a value that is printed or compared, and of JSON that is parsed. */
export const valueNestingMax = 400;
