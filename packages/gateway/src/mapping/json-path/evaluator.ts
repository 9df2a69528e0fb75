import { patternStepsMax } from '../pattern/limits.ts';
import { PatternError } from '../pattern/pattern-error.ts';
import { type DocumentMap, isList, isMap, lookUp, namesOf, pick } from './document.ts';
import { type FilterContext, holds } from './filter.ts';
import { applyFunction } from './functions.ts';
import { JsonPathError } from './json-path-error.ts';
import { documentNestingMax, readStepsMax } from './limits.ts';
import { spend } from './steps.ts';
import type { Token } from './tokens.ts';

/** One read under way: everything found so far, and what is left of the budget. */
interface Read {
  readonly tokens: readonly Token[];
  readonly found: unknown[];
  readonly filter: FilterContext;
}

/**
 * Everything the tokens find, in the order in which Jayway finds it. A branch that misses is
 * skipped. Throws `JsonPathError` when a limit is passed.
 */
export function evaluate(tokens: readonly Token[], root: unknown): readonly unknown[] {
  const filter: FilterContext = {
    root,
    steps: { left: readStepsMax },
    patternSteps: { left: patternStepsMax },
    follow: (path, start) => followPath(filter, path, start),
  };
  try {
    return evaluateFrom(filter, tokens, root);
  } catch (error) {
    if (error instanceof PatternError) {
      throw new JsonPathError(error.message);
    }
    throw error;
  }
}

function evaluateFrom(filter: FilterContext, tokens: readonly Token[], start: unknown): unknown[] {
  const read: Read = { tokens, found: [], filter };
  visit(read, 0, start);
  return read.found;
}

/** Paths in filters are definite: the one value found, or `undefined`. */
function followPath(filter: FilterContext, tokens: readonly Token[], start: unknown): unknown {
  const last = tokens.at(-1);
  return last?.kind === 'function'
    ? applyFunction(last.name, evaluateFrom(filter, tokens.slice(0, -1), start)[0])
    : evaluateFrom(filter, tokens, start)[0];
}

function visit(read: Read, at: number, value: unknown): void {
  spend(read.filter.steps, 1);
  const token = read.tokens[at];
  if (token === undefined) {
    read.found.push(value);
    return;
  }
  switch (token.kind) {
    case 'property':
      visitProperties(read, at, value, token.names);
      return;
    case 'wildcard':
      visitChildren(read, at + 1, value);
      return;
    case 'scan':
      scan(read, at + 1, value, 0);
      return;
    case 'indexes':
      for (const index of token.indexes) {
        visitIndex(read, at, value, index);
      }
      return;
    case 'slice':
      visitSlice(read, at, value, token.from, token.to);
      return;
    case 'filter':
      visitMatches(read, at, value, token);
      return;
    case 'function':
      throw new JsonPathError('A function can only end a path');
  }
}

function visitProperties(read: Read, at: number, value: unknown, names: readonly string[]): void {
  if (!isMap(value)) {
    return;
  }
  if (names.length > 1) {
    visit(read, at + 1, pick(value, names));
    return;
  }
  const member = lookUp(value, names[0]!);
  if (member !== undefined) {
    visit(read, at + 1, member);
  }
}

function visitChildren(read: Read, next: number, value: unknown): void {
  if (isList(value)) {
    for (const element of value) {
      visit(read, next, element);
    }
  } else if (isMap(value)) {
    for (const name of namesOf(value)) {
      visit(read, next, lookUp(value, name));
    }
  }
}

function visitIndex(read: Read, at: number, value: unknown, index: number): void {
  if (isList(value)) {
    const place = index < 0 ? value.length + index : index;
    if (place >= 0 && place < value.length) {
      visit(read, at + 1, value[place]);
    }
  }
}

/** With both ends given, Jayway does not count the end from the back: `[1:-1]` is empty. */
function visitSlice(
  read: Read,
  at: number,
  value: unknown,
  from: number | undefined,
  to: number | undefined,
): void {
  if (!isList(value)) {
    return;
  }
  let first = from ?? 0;
  let end = to ?? value.length;
  if (from === undefined && end < 0) {
    end += value.length;
  }
  if (to === undefined && first < 0) {
    first = Math.max(0, first + value.length);
  }
  for (let place = Math.max(first, -value.length); place < Math.min(end, value.length); place++) {
    visitIndex(read, at, value, place);
  }
}

function visitMatches(
  read: Read,
  at: number,
  value: unknown,
  token: Token & { kind: 'filter' },
): void {
  if (isList(value)) {
    for (const element of value) {
      spend(read.filter.steps, 1);
      if (holds(token.condition, element, read.filter)) {
        visit(read, at + 1, element);
      }
    }
  } else if (isMap(value) && holds(token.condition, value, read.filter)) {
    visit(read, at + 1, value);
  }
}

/**
 * A deep scan tries the token after `..` on every object and array, parents first. Jayway's rule
 * for an array when that token is not the last: the rest of the path is tried on each element.
 */
function scan(read: Read, at: number, value: unknown, depth: number): void {
  if (depth > documentNestingMax) {
    throw new JsonPathError(`Document is nested more than ${documentNestingMax} deep`);
  }
  const token = read.tokens[at]!;
  if (isMap(value)) {
    if (scanMatches(read, token, value)) {
      visit(read, at, value);
    }
    for (const name of namesOf(value)) {
      scanChild(read, at, lookUp(value, name), depth);
    }
  } else if (isList(value)) {
    if (scanMatches(read, token, value)) {
      if (at === read.tokens.length - 1) {
        visit(read, at, value);
      } else {
        visitChildren(read, at + 1, value);
      }
    }
    for (const element of value) {
      scanChild(read, at, element, depth);
    }
  }
}

function scanChild(read: Read, at: number, value: unknown, depth: number): void {
  if (typeof value === 'object' && value !== null) {
    spend(read.filter.steps, 1);
    scan(read, at, value, depth + 1);
  }
}

function scanMatches(read: Read, token: Token, value: readonly unknown[] | DocumentMap): boolean {
  switch (token.kind) {
    case 'property':
      return isMap(value) && token.names.every((name) => lookUp(value, name) !== undefined);
    case 'wildcard':
      return true;
    case 'indexes':
    case 'slice':
      return isList(value);
    case 'filter':
      return holds(token.condition, value, read.filter);
    default:
      return false;
  }
}
