import type { Keyword } from './keywords.ts';
import { descend, type Run, spend } from './run.ts';
import { canonical } from './same-value.ts';

const items: Keyword = ({ items, additionalItems }, within) => {
  if (!Array.isArray(items)) {
    if (items === undefined) return undefined;
    const check = within(items);
    return (value, run) => {
      if (!Array.isArray(value)) return;
      for (const item of value) descend(check, item, run);
    };
  }
  const checks = items.map(within);
  const further = within(additionalItems);
  return (value, run) => {
    if (!Array.isArray(value)) return;
    for (const [at, item] of value.entries()) descend(checks[at] ?? further, item, run);
    if (additionalItems !== false || value.length <= checks.length) return;
    run.errors.push(
      `array instance has too many elements (expected at most ${checks.length}, has ${value.length})`,
    );
  };
};

const maxItems: Keyword = ({ maxItems }) => {
  if (typeof maxItems !== 'number') return undefined;
  return (value, run) => {
    if (!Array.isArray(value) || value.length <= maxItems) return;
    run.errors.push(
      `array is too long: must have at most ${maxItems} elements but instance has ${value.length} elements`,
    );
  };
};

const minItems: Keyword = ({ minItems }) => {
  if (typeof minItems !== 'number') return undefined;
  return (value, run) => {
    if (!Array.isArray(value) || value.length >= minItems) return;
    run.errors.push(
      `array is too short: must have at least ${minItems} elements but instance has ${value.length} elements`,
    );
  };
};

const uniqueItems: Keyword = ({ uniqueItems }) => {
  if (uniqueItems !== true) return undefined;
  return (value, run) => {
    if (Array.isArray(value) && hasTwins(value, run)) {
      run.errors.push('array must not contain duplicate elements');
    }
  };
};

/** By their texts, and not each with each: a client chooses how many there are. */
function hasTwins(list: readonly unknown[], run: Run): boolean {
  spend(run, list.length);
  const seen = new Set<string>();
  for (const item of list) {
    const text = canonical(item, run);
    if (seen.has(text)) return true;
    seen.add(text);
  }
  return false;
}

export const arrayKeywords: readonly Keyword[] = [items, maxItems, minItems, uniqueItems];
