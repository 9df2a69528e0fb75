import { isList, isMap, lookUp } from './document.ts';
import { evaluate } from './evaluator.ts';
import { applyFunction } from './functions.ts';
import { parsePath } from './path-parser.ts';
import { isDefinite, type Token } from './tokens.ts';

/** A compiled path: parse once, read many times, from any number of documents. */
export interface JsonPath {
  /** Whether the path can name one place only: no wildcard, scan, slice, union or filter. */
  readonly definite: boolean;
  /** Where it is no more than the name of a member of the outermost object. */
  readonly member?: string;
  /**
   * What the path finds in `root`, a value as `JSON.parse` makes it (or with `Map`s for objects).
   * A definite path gives the value itself, `undefined` when there is none; any other path gives an
   * array of everything found, in document order. Throws `JsonPathError` when the document is so
   * deep or the path so wide that a limit of `limits.ts` is passed.
   */
  read(root: unknown): unknown;
}

/**
 * Compiles a JSONPath of the Jayway dialect, the one API Gateway documents. The leading `$` may be
 * left out: `action`, `data.items[0]` and `['detail-type']` are paths.
 * Throws `JsonPathError` with the position of the first character that cannot stand where it does.
 */
export function compileJsonPath(text: string): JsonPath {
  return fromTokens(parsePath(text));
}

function fromTokens(tokens: readonly Token[]): JsonPath {
  const last = tokens.at(-1);
  if (last?.kind === 'function') {
    const subject = fromTokens(tokens.slice(0, -1));
    return { definite: true, read: (root) => applyFunction(last.name, subject.read(root)) };
  }
  const keys = simpleKeys(tokens);
  if (keys !== undefined) {
    const [first] = keys;
    const isMember = keys.length === 1 && typeof first === 'string';
    const read = (root: unknown) => readKeys(keys, root);
    return { definite: true, read, ...(isMember && { member: first }) };
  }
  if (isDefinite(tokens)) {
    return { definite: true, read: (root) => evaluate(tokens, root)[0] };
  }
  return { definite: false, read: (root) => evaluate(tokens, root) };
}

/** The path as plain names and indexes, when it is no more than that; nearly every path is. */
function simpleKeys(tokens: readonly Token[]): readonly (string | number)[] | undefined {
  const keys: (string | number)[] = [];
  for (const token of tokens) {
    if (token.kind === 'property' && token.names.length === 1) {
      keys.push(token.names[0]!);
    } else if (token.kind === 'indexes' && token.indexes.length === 1) {
      keys.push(token.indexes[0]!);
    } else {
      return undefined;
    }
  }
  return keys;
}

/** One loop and no allocation: this runs for every message that selects a route. */
function readKeys(keys: readonly (string | number)[], root: unknown): unknown {
  let value = root;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!;
    if (typeof key === 'string') {
      if (!isMap(value)) {
        return undefined;
      }
      value = lookUp(value, key);
    } else {
      if (!isList(value)) {
        return undefined;
      }
      value = value[key < 0 ? value.length + key : key];
    }
    if (value === undefined) {
      return undefined;
    }
  }
  return value;
}
