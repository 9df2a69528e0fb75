import type { Path } from '../problem.ts';

/** One use of an intrinsic function: `{ "Fn::Join": argument }`. */
export interface IntrinsicCall {
  /** Such as `Fn::Join`. */
  readonly name: string;
  /** As written: parts of it may be intrinsics too. */
  readonly argument: unknown;
  /** Of the argument. */
  readonly path: Path;
  readonly scope: Scope;
  /** The value of a part of the argument; `keys` lead to it. */
  evaluate(node: unknown, ...keys: readonly (string | number)[]): unknown;
  /** What is wrong, and where; `keys` lead from the argument to it. */
  fail(message: string, ...keys: readonly (string | number)[]): Error;
}

export type Intrinsic = (call: IntrinsicCall) => unknown;

/** What intrinsics may ask of the template around them. */
export interface Scope {
  /** A parameter or pseudo-parameter; `undefined` when there is none of this name. */
  parameter(name: string): unknown;
  /** `Ref` to a resource, or `Fn::GetAtt`; `undefined` when there is no such resource. */
  reference(logicalId: string, attribute: string | undefined): unknown;
  /** Throws a sentence when there is no such condition, or it depends on itself. */
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): MappingAnswer;
  importValue(exportName: string): unknown;
  readonly region: string;
  /** Every name `Ref` takes, for suggestions. */
  readonly names: readonly string[];
}

export type MappingAnswer = { readonly value: unknown } | { readonly missing: string };

/** `AWS::NoValue`: the property or list item around it is left out. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

/** A scalar as the text that CloudFormation makes of it; `undefined` for lists and objects. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
