import { keptInstructionsMax, keptPatternsMax, patternStepsMax } from './limits.ts';
import { beginMatching, type Matching, run, type Steps } from './matcher.ts';
import { parsePattern } from './pattern-parser.ts';
import { compileProgram } from './program.ts';

/** A compiled Java regular expression. */
export interface Pattern {
  readonly groupNames: ReadonlyMap<string, number>;
  readonly groups: number;
  /** Whether the pattern matches the whole text, as `String.matches` does. */
  matches(text: string, steps?: Steps): boolean;
  /** The matches one after the other, as `Matcher.find` meets them, under one step budget. */
  findAll(text: string, steps?: Steps): Iterable<Match>;
}

export interface Match {
  readonly start: number;
  readonly end: number;
  /** The text of group n, 0 being the whole; `undefined` for a group that took no part. */
  group(n: number): string | undefined;
}

/**
 * Compiles a pattern of `java.util.regex`. Throws `PatternError` with Java's sentence when it is
 * malformed. Matching takes its steps from `steps`, or from `patternStepsMax` of its own when there
 * are none given, and throws `PatternError` when they are used up.
 */
export function compilePattern(text: string, ignoreCase = false): Pattern {
  return compile(text, ignoreCase).pattern;
}

const kept = new Map<string, Pattern>();

/**
 * The same, for a pattern that a template names while it runs: compiled once for every message. What a
 * template makes up from messages must not fill the memory, so that only small ones are kept, and few.
 */
export function keptPattern(text: string): Pattern {
  const known = kept.get(text);
  if (known) return known;
  const { pattern, instructions } = compile(text, false);
  if (instructions > keptInstructionsMax) return pattern;
  if (kept.size >= keptPatternsMax) kept.clear();
  kept.set(text, pattern);
  return pattern;
}

function compile(text: string, ignoreCase: boolean): { pattern: Pattern; instructions: number } {
  const syntax = parsePattern(text, ignoreCase);
  const { program, slots, instructions } = compileProgram(syntax);
  const pattern: Pattern = {
    groupNames: syntax.groupNames,
    groups: syntax.groups,
    matches: (subject, steps = ownSteps()) =>
      run(beginMatching(subject, slots, steps), program, 0, subject.length) !== -1,
    *findAll(subject, steps = ownSteps()) {
      const matching = beginMatching(subject, slots, steps);
      for (let start = 0; start <= subject.length; start++) {
        matching.slots.fill(-1);
        const end = run(matching, program, start);
        if (end !== -1) {
          yield matchAt(matching, start, end);
          start = end > start ? end - 1 : start;
        }
      }
    },
  };
  return { pattern, instructions };
}

function ownSteps(): Steps {
  return { left: patternStepsMax };
}

function matchAt(matching: Matching, start: number, end: number): Match {
  const slots = matching.slots.slice();
  return {
    start,
    end,
    group(n) {
      const first = n === 0 ? start : (slots[2 * n] ?? -1);
      const last = n === 0 ? end : (slots[2 * n + 1] ?? -1);
      return first === -1 || last === -1 ? undefined : matching.text.slice(first, last);
    },
  };
}
