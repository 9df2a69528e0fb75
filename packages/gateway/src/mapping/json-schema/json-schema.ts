/**
 * JSON Schema, draft 4: what a model says of a message. Compiled once per deployment; a message only
 * runs the checks. Clients choose the message, so whatever a schema may cost is bounded.
 */
import { compileSchemaNode } from './compile-node.ts';
import { errorCharactersMax, errorsMax, patternStepsMax, stepsMax } from './limits.ts';
import { type Run, SchemaLimitError } from './run.ts';
import { SchemaIndex } from './schema-index.ts';

export { SchemaError } from './schema-error.ts';

export interface JsonSchema {
  /**
   * What is wrong with a value as `JSON.parse` makes it, in AWS's words and brackets, or `undefined`.
   * A value that cannot be checked within the limits does not fit.
   */
  validate(value: unknown): string | undefined;
}

/** A schema and the URL by which others refer to it. */
export interface SchemaDocument {
  readonly url: string;
  readonly schema: unknown;
}

/**
 * Throws `SchemaError` where the schema, or one it refers to, cannot be used. `others` are schemas that
 * it may refer to by URL; `$ref` is never fetched.
 */
export function compileJsonSchema(
  document: SchemaDocument,
  others: readonly SchemaDocument[] = [],
): JsonSchema {
  const index = new SchemaIndex([document, ...others]);
  const check = compileSchemaNode({ schema: document.schema, base: document.url }, index);
  return {
    validate(value) {
      const run: Run = {
        errors: [],
        depth: 0,
        stepsLeft: stepsMax,
        patternSteps: { left: patternStepsMax },
      };
      try {
        check(value, run);
      } catch (error) {
        if (!(error instanceof SchemaLimitError)) throw error;
        run.errors.push(error.message);
      }
      return run.errors.length === 0 ? undefined : sentence(run.errors);
    },
  };
}

function sentence(errors: readonly string[]): string {
  return `[${errors.slice(0, errorsMax).map(shortened).join(', ')}]`;
}

function shortened(error: string): string {
  return error.length <= errorCharactersMax ? error : `${error.slice(0, errorCharactersMax)}…`;
}
