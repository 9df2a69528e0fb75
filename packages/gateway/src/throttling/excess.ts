import type { RuleName } from '../wire/rules.ts';

/** A limit is reached. */
export interface Excess {
  readonly rule: RuleName;
  /** Which limit, for the operator's log. */
  readonly reason: string;
}

export function excess(rule: RuleName, limit: string): Excess {
  return { rule, reason: `throttled: ${limit} is reached` };
}
