import type { Steps } from '../pattern/matcher.ts';
import type { Pattern } from '../pattern/pattern.ts';
import { PatternError } from '../pattern/pattern-error.ts';
import { nestingMax } from './limits.ts';

/** One validation under way. */
export interface Run {
  errors: string[];
  depth: number;
  stepsLeft: number;
  readonly patternSteps: Steps;
}

/** Adds to the run's errors what is wrong with the value. */
export type Check = (value: unknown, run: Run) => void;

/** The message asks for more than a validation may cost. */
export class SchemaLimitError extends Error {}

export function spend(run: Run, steps = 1): void {
  run.stepsLeft -= steps;
  if (run.stepsLeft < 0) throw new SchemaLimitError('the message takes too many steps to validate');
}

/** Runs a check one level deeper. */
export function descend(check: Check, value: unknown, run: Run): void {
  spend(run);
  run.depth += 1;
  if (run.depth > nestingMax)
    throw new SchemaLimitError('the message is nested too deep to validate');
  check(value, run);
  run.depth -= 1;
}

/** Whether the value passes, its errors kept to itself. */
export function passes(check: Check, value: unknown, run: Run): boolean {
  const before = run.errors;
  run.errors = [];
  descend(check, value, run);
  const passed = run.errors.length === 0;
  run.errors = before;
  return passed;
}

/** Whether the pattern is anywhere in the text. */
export function occurs(pattern: Pattern, text: string, run: Run): boolean {
  spend(run, 1 + Math.ceil(text.length / 64));
  try {
    for (const _ of pattern.findAll(text, run.patternSteps)) return true;
    return false;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new SchemaLimitError('the message takes too many steps to match');
  }
}
