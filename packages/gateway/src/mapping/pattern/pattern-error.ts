/** A pattern that does not compile, or that took more steps than one operation may. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}
