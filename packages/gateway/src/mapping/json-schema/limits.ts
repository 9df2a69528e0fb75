/** Every limit of this folder. A message that passes one does not fit its model. */

/** Values and schemas that meet in one validation. */
export const stepsMax = 500_000;

/** Schemas applied within one another: a schema that refers to itself follows a message. */
export const nestingMax = 400;

/** Steps of all regular expressions of one validation. */
export const patternStepsMax = 1_000_000;

/** Problems told of one message, and the length of each. */
export const errorsMax = 20;
export const errorCharactersMax = 300;
