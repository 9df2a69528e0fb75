/** Where in a template, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * A template that does not parse, or that failed while it rendered: a method refused its arguments,
 * or a limit was passed. On AWS the message then ends with `Internal server error`.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Absent where the failure belongs to no place of the template. */
  readonly position: Position | undefined;

  constructor(message: string, position?: Position) {
    super(position === undefined ? message : `${message} at ${position.line}:${position.column}`);
    this.position = position;
  }
}
