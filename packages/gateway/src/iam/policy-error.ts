/** A policy document that cannot be used. The message begins with the path of the wrong part. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  /** Such as `Statement[0].Effect`; empty for the document itself. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === '' ? problem : `${path}: ${problem}`);
    this.path = path;
  }
}
