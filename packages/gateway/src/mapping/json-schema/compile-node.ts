import { keywords } from './keywords.ts';
import { type Check, descend } from './run.ts';
import { isSchemaObject, type SchemaIndex, type SchemaNode } from './schema-index.ts';

/** Compiles a schema and those within it. */
export type CompileWithin = (schema: unknown) => Check;

const nothing: Check = () => {};

/** Throws `SchemaError`. */
export function compileSchemaNode(node: SchemaNode, index: SchemaIndex): Check {
  return compile(node, index, new Map());
}

/** A schema that refers to itself is compiled once: what is under way stands for itself. */
function compile(node: SchemaNode, index: SchemaIndex, known: Map<unknown, Check>): Check {
  const { schema } = node;
  // Draft 4 has no other schemas than objects; what else stands for one accepts anything.
  if (!isSchemaObject(schema)) return nothing;
  const before = known.get(schema);
  if (before) return before;
  let check = nothing;
  known.set(schema, (value, run) => check(value, run));
  check = compileObject(node, index, known);
  return check;
}

function compileObject(node: SchemaNode, index: SchemaIndex, known: Map<unknown, Check>): Check {
  const schema = node.schema as Readonly<Record<string, unknown>>;
  if (typeof schema.$ref === 'string') {
    const target = compile(index.find(schema.$ref, node.base), index, known);
    // Counted as a level: a schema that is nothing but a reference to itself ends there.
    return (value, run) => descend(target, value, run);
  }
  const base = index.baseOf(node);
  const within: CompileWithin = (inner) => compile({ schema: inner, base }, index, known);
  const checks = keywords.flatMap((keyword) => keyword(schema, within) ?? []);
  const [only] = checks;
  if (checks.length === 1 && only) return only;
  return (value, run) => {
    for (const check of checks) check(value, run);
  };
}
