/** A path that does not compile, or whose reading passed a limit. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
  /** Offset in the path, in characters from 0, where compiling stopped. Absent at read time. */
  readonly position: number | undefined;

  constructor(message: string, position?: number) {
    super(position === undefined ? message : `${message} at character ${position}`);
    this.position = position;
  }
}
