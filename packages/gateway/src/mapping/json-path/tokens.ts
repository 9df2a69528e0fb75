import type { Condition } from './filter.ts';
import type { FunctionName } from './functions.ts';

/** One step of a path. */
export type Token =
  /** `.a`, `['a']`; several names give one object holding those that exist. */
  | { readonly kind: 'property'; readonly names: readonly string[] }
  | { readonly kind: 'wildcard' }
  /** `..`: the next token is tried on every object and array below. */
  | { readonly kind: 'scan' }
  /** `[0]`, `[0,2]`; negative counts from the end. */
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  /** `[1:3]`, `[-2:]`, `[:2]`. */
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'filter'; readonly condition: Condition }
  /** Always last: `.length()`. */
  | { readonly kind: 'function'; readonly name: FunctionName };

/** Whether these tokens can name one place only. */
export function isDefinite(tokens: readonly Token[]): boolean {
  return (
    tokens.at(-1)?.kind === 'function' ||
    tokens.every(
      (token) =>
        token.kind === 'property' || (token.kind === 'indexes' && token.indexes.length === 1),
    )
  );
}
