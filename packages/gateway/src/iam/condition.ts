import { conditionOperators, type ValueTest } from './condition-operators.ts';
import { conditionValues, entries } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';
import { contextValues, type RequestContext } from './request-context.ts';

/**
 * One operator applied to one key. A value passes when any of the policy's values matches it; for
 * a negated operator, when none does ("Condition operators" and "Single-valued vs. multivalued
 * context keys" in the IAM user guide).
 */
export type CompiledCondition =
  | { readonly kind: 'null'; readonly lowerKey: string; readonly isAbsent: readonly boolean[] }
  | {
      readonly kind: 'test';
      readonly lowerKey: string;
      readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
      readonly isNegated: boolean;
      readonly ifExists: boolean;
      readonly tests: readonly ValueTest[];
    };

/** Every operator and every key of a Condition element; all of them must hold. */
export function compileCondition(
  value: unknown,
  path: string,
  hasVariables: boolean,
): readonly CompiledCondition[] {
  return Object.entries(entries(value, path)).flatMap(([operator, keys]) =>
    Object.entries(entries(keys, `${path}.${operator}`)).map(([key, values]) =>
      compileOne(operator, key, values, `${path}.${operator}`, hasVariables),
    ),
  );
}

export function conditionHolds(condition: CompiledCondition, context: RequestContext): boolean {
  const values = contextValues(context, condition.lowerKey);
  if (condition.kind === 'null') return condition.isAbsent.includes(values === undefined);
  const { quantifier, isNegated, tests } = condition;
  if (values === undefined) {
    // A set operator decides about an absent key by itself, whatever IfExists says.
    if (quantifier !== undefined) return quantifier === 'ForAllValues';
    return condition.ifExists || isNegated;
  }
  const matches = (candidate: string) => tests.some((test) => test(candidate, context));
  if (quantifier === 'ForAllValues') return values.every((each) => matches(each) !== isNegated);
  if (quantifier === 'ForAnyValue') return values.some((each) => matches(each) !== isNegated);
  return values.some(matches) !== isNegated;
}

function compileOne(
  operator: string,
  key: string,
  values: unknown,
  path: string,
  hasVariables: boolean,
): CompiledCondition {
  const lowerKey = key.toLowerCase();
  const located = conditionValues(values, `${path}.${key}`);
  if (operator === 'Null') {
    return {
      kind: 'null',
      lowerKey,
      isAbsent: located.map(({ text, path: where }) => {
        if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
        throw new PolicyError(where, 'expected "true" or "false"');
      }),
    };
  }
  const [, quantifier, name, suffix] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s.exec(
    operator,
  )!;
  const known = conditionOperators.get(name!);
  if (known === undefined) throw new PolicyError(path, 'unknown condition operator');
  return {
    kind: 'test',
    lowerKey,
    quantifier: quantifier as 'ForAllValues' | 'ForAnyValue' | undefined,
    isNegated: known.isNegated,
    ifExists: suffix !== undefined,
    tests: located.map((value) => known.compile(value, hasVariables)),
  };
}
