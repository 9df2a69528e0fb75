import type { Steps } from '../pattern/matcher.ts';
import type { Pattern } from '../pattern/pattern.ts';
import { compare } from './compare.ts';
import { isList, isMap, namesOf, numberOf } from './document.ts';
import { spend } from './steps.ts';
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
    }
  /** `=~`: the whole text of the value matches. */
  | { readonly kind: 'match'; readonly left: Operand; readonly pattern: Pattern };

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

/** What a filter needs of the read it is part of. */
export interface FilterContext {
  readonly root: unknown;
  /** Steps left for the whole read. */
  readonly steps: Steps;
  /** Steps left for every regular expression of this read together. */
  readonly patternSteps: Steps;
  /** Follows the tokens of a path found in a filter. */
  readonly follow: (tokens: readonly Token[], start: unknown) => unknown;
}

/** Whether the condition holds for `item`, an element or member of the document `root`. */
export function holds(condition: Condition, item: unknown, context: FilterContext): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, context) && holds(condition.right, item, context);
    case 'or':
      return holds(condition.left, item, context) || holds(condition.right, item, context);
    case 'not':
      return !holds(condition.condition, item, context);
    case 'exists':
      return (resolve(condition.path, item, context) ?? null) !== null;
    case 'comparison':
      return operate(
        context.steps,
        condition.operator,
        resolve(condition.left, item, context),
        resolve(condition.right, item, context),
      );
    case 'match': {
      const text = textOf(resolve(condition.left, item, context));
      return text !== undefined && condition.pattern.matches(text, context.patternSteps);
    }
  }
}

function resolve(operand: Operand, item: unknown, context: FilterContext): unknown {
  switch (operand.kind) {
    case 'path':
      return context.follow(operand.tokens, operand.fromRoot ? context.root : item);
    case 'literal':
      return operand.text;
    case 'list':
      return operand.texts;
  }
}

/** A path that leads nowhere compares with nothing: every operator is false, `!=` too. */
function operate(steps: Steps, operator: Operator, left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) {
    return operator === 'nin' && right !== undefined;
  }
  spend(steps, sizeOf(left) ?? 0);
  spend(steps, sizeOf(right) ?? 0);
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

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') {
    return String(value);
  }
  const number = numberOf(value);
  return number === undefined ? undefined : String(number);
}
