import type { Position } from './template-error.ts';

/** A parsed template: nodes rendered one after the other. */
export type Body = readonly Node[];

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | Reference
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Body }
  | Foreach
  | { readonly kind: 'define'; readonly name: string; readonly body: Body }
  | MacroCall
  | { readonly kind: 'break' }
  | { readonly kind: 'stop' };

/** `$name.property[index].method(argument)`. */
export interface Reference {
  readonly kind: 'reference';
  readonly name: string;
  readonly parts: readonly Part[];
  /** The text of the reference in the template: what Velocity prints when it leads nowhere. */
  readonly literal: string;
  /** `$!`: prints nothing when it leads nowhere. */
  readonly quiet: boolean;
  /** An odd number of backslashes: prints the literal itself. */
  readonly escaped: boolean;
  /** Half of the backslashes in front. */
  readonly backslashes: string;
  /** Dollar signs in front that belong to no reference. */
  readonly dollars: string;
  readonly position: Position;
}

export type Part =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'method'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'index'; readonly index: Expression };

export interface Branch {
  readonly condition: Expression;
  readonly body: Body;
}

export interface Foreach {
  readonly kind: 'foreach';
  readonly variable: string;
  readonly list: Expression;
  readonly body: Body;
  readonly position: Position;
}

/** `#name(argument)`, or just text when no macro has that name. */
export interface MacroCall {
  readonly kind: 'macro-call';
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly literal: string;
  readonly position: Position;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Body;
}

export type Expression =
  | Reference
  | { readonly kind: 'literal'; readonly value: unknown }
  /** A double-quoted string with references or directives inside. */
  | { readonly kind: 'interpolation'; readonly body: Body }
  | { readonly kind: 'list'; readonly elements: readonly Expression[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'all' | 'any'; readonly operands: readonly Expression[] }
  | Chain;

/** Operators of one precedence, applied from left to right: `1 + 2 - 3`. */
export interface Chain {
  readonly kind: 'comparison' | 'arithmetic';
  readonly first: Expression;
  readonly rest: readonly Link[];
  readonly position: Position;
}

export interface Link {
  readonly operator: Operator;
  readonly operand: Expression;
}

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%';
