import { compileJsonPath, type JsonPath } from '../json-path/json-path.ts';
import { JsonPathError } from '../json-path/json-path-error.ts';
import { throwJava } from './method-table.ts';

/** Paths kept compiled. Templates name them as literals, so that few of them serve every message. */
const compiledPathsMax = 1000;

const compiled = new Map<string, JsonPath>();

/** Reads a path, compiled once for every template that names it. */
export function readJsonPath(text: string, root: unknown): { value: unknown; definite: boolean } {
  try {
    const path = compiled.get(text) ?? compile(text);
    return { value: path.read(root), definite: path.definite };
  } catch (error) {
    if (error instanceof JsonPathError) {
      throwJava(`JSONPath ${JSON.stringify(text.slice(0, 200))}: ${error.message}`);
    }
    throw error;
  }
}

function compile(text: string): JsonPath {
  const path = compileJsonPath(text);
  // A template may also make paths up from messages; they must not fill the memory.
  if (compiled.size >= compiledPathsMax) {
    compiled.clear();
  }
  compiled.set(text, path);
  return path;
}
