import { nestingMax } from './limits.ts';
import { type Run, SchemaLimitError, spend } from './run.ts';

/** A text that two values have in common exactly when JSON Schema takes them for the same. */
export function canonical(value: unknown, run?: Run, nestingLeft = nestingMax): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (nestingLeft === 0) throw new SchemaLimitError('the message is nested too deep to validate');
  if (Array.isArray(value)) {
    if (run) spend(run, value.length);
    return `[${value.map((item) => canonical(item, run, nestingLeft - 1)).join(',')}]`;
  }
  const members = Object.entries(value);
  if (run) spend(run, members.length);
  return `{${members
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, run, nestingLeft - 1)}`)
    .sort()
    .join(',')}}`;
}
