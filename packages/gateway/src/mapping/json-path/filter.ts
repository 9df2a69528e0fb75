import { compare } from './compare.ts';
import { isList, isMap, namesOf } from './document.ts';
import type { Token } from './tokens.ts';

/** What stands between `[?(` and `)]`. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  /** A path alone: it leads to something other than null. */
  | { readonly kind: 'exists'; readonly path: FilterPath }
  | {
      readonly kind: 'comparison';
      readonly left: Operand;
      readonly operator: Operator;
      readonly right: Operand;
    };

export const operators = [
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  'in',
  'nin',
  'contains',
  'size',
  'empty',
] as const;

export type Operator = (typeof operators)[number];

/** `@…` starts at the value under test, `$…` at the document. */
export interface FilterPath {
  readonly kind: 'path';
  readonly fromRoot: boolean;
  readonly tokens: readonly Token[];
}

/** Literals stay text, as in Jayway 2.0.0: the value they are compared with decides their kind. */
export type Operand =
  | FilterPath
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'list'; readonly texts: readonly string[] };

/** Evaluates the tokens of a path found in a filter. */
export type PathReader = (tokens: readonly Token[], start: unknown, root: unknown) => unknown;

/** Whether the condition holds for `item`, an element or member of the document `root`. */
export function holds(
  condition: Condition,
  item: unknown,
  root: unknown,
  read: PathReader,
): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, root, read) && holds(condition.right, item, root, read);
    case 'or':
      return holds(condition.left, item, root, read) || holds(condition.right, item, root, read);
    case 'not':
      return !holds(condition.condition, item, root, read);
    case 'exists':
      return (resolve(condition.path, item, root, read) ?? null) !== null;
    case 'comparison':
      return operate(
        condition.operator,
        resolve(condition.left, item, root, read),
        resolve(condition.right, item, root, read),
      );
  }
}

function resolve(operand: Operand, item: unknown, root: unknown, read: PathReader): unknown {
  switch (operand.kind) {
    case 'path':
      return read(operand.tokens, operand.fromRoot ? root : item, root);
    case 'literal':
      return operand.text;
    case 'list':
      return operand.texts;
  }
}

/** A path that leads nowhere compares with nothing: every operator is false, `!=` too. */
function operate(operator: Operator, left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) {
    return operator === 'nin' && right !== undefined;
  }
  switch (operator) {
    case 'in':
      return isList(right) && right.some((element) => compare(left, element) === 0);
    case 'nin':
      return isList(right) && right.every((element) => compare(left, element) !== 0);
    case 'contains':
      return contains(left, right);
    case 'size':
      return compare(sizeOf(left), right) === 0;
    case 'empty':
      return compare(sizeOf(left) === 0, right) === 0;
    default:
      return ordered(operator, left, right);
  }
}

function ordered(
  operator: '==' | '!=' | '<=' | '>=' | '<' | '>',
  left: unknown,
  right: unknown,
): boolean {
  const order = compare(left, right);
  if (order === undefined) {
    return false;
  }
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    default:
      break;
  }
  // Null is equal to null and neither less nor greater than anything.
  if ((left === null) !== (right === null)) {
    return false;
  }
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function contains(left: unknown, right: unknown): boolean {
  if (typeof left === 'string') {
    return typeof right === 'string' && left.includes(right);
  }
  return isList(left) && left.some((element) => compare(element, right) === 0);
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || isList(value)) {
    return value.length;
  }
  return isMap(value) ? namesOf(value).length : undefined;
}
