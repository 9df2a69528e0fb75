import type { Steps } from '../pattern/matcher.ts';
import { JsonPathError } from './json-path-error.ts';
import { readStepsMax } from './limits.ts';

/** Takes `count` steps from the budget of a read. */
export function spend(steps: Steps, count: number): void {
  steps.left -= count;
  if (steps.left < 0) {
    throw new JsonPathError(`Path takes more than ${readStepsMax} steps`);
  }
}
