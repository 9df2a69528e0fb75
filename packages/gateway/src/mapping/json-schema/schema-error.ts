/** A schema that no message can be held against. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}
