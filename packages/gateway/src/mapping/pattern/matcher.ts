import { otherCase } from './named-classes.ts';
import { PatternError } from './pattern-error.ts';
import type { Instruction, Program } from './program.ts';

/** What is left of a step budget; several operations may share one. */
export interface Steps {
  left: number;
}

/** One operation under way, which may try a program at many places of a text. */
export interface Matching {
  readonly text: string;
  /** Positions noted on the way, -1 where there is none. */
  readonly slots: number[];
  readonly steps: Steps;
}

export function beginMatching(text: string, slots: number, steps: Steps): Matching {
  return { text, slots: new Array<number>(slots).fill(-1), steps };
}

/** Marks an entry of the backtrack stack as a slot to restore rather than a place to go back to. */
const restoring = -1;

/**
 * Runs the program at a place of the text and returns where it ends, -1 when it does not match.
 * With `mustEnd`, only a match that ends there counts. Leaves the groups of a match in the slots.
 */
export function run(matching: Matching, program: Program, start: number, mustEnd = -1): number {
  const { text, slots } = matching;
  const stack: number[] = [];
  let at = start;
  let place = 0;
  for (;;) {
    countStep(matching);
    const instruction = program[place]!;
    let matched = true;
    switch (instruction.op) {
      case 'set': {
        const codePoint = text.codePointAt(at);
        matched = codePoint !== undefined && instruction.set(codePoint);
        at += codePoint !== undefined && codePoint > 0xffff ? 2 : 1;
        place += 1;
        break;
      }
      case 'jump':
        place = instruction.to;
        break;
      case 'split':
        stack.push(instruction.second, at, 0);
        place = instruction.first;
        break;
      case 'save':
        stack.push(instruction.slot, slots[instruction.slot]!, restoring);
        slots[instruction.slot] = at;
        place += 1;
        break;
      case 'progress':
        place = slots[instruction.slot] === at ? instruction.exit : place + 1;
        break;
      case 'match':
        if (mustEnd === -1 || at === mustEnd) {
          return at;
        }
        matched = false;
        break;
      default: {
        const end = runRare(matching, instruction, at, stack);
        matched = end !== -1;
        at = end;
        place += 1;
      }
    }
    if (!matched) {
      while (stack[stack.length - 1] === restoring) {
        const [slot, position] = popEntry(stack);
        slots[slot] = position;
      }
      if (stack.length === 0) {
        return -1;
      }
      [place, at] = popEntry(stack);
    }
  }
}

function countStep(matching: Matching): void {
  matching.steps.left -= 1;
  if (matching.steps.left < 0) {
    throw new PatternError('Regular expression takes too many steps');
  }
}

function popEntry(stack: number[]): [number, number] {
  stack.pop();
  const second = stack.pop()!;
  return [stack.pop()!, second];
}

/** The instructions that consume anything but one character: where the match goes on, or -1. */
function runRare(
  matching: Matching,
  instruction: Instruction,
  at: number,
  stack: number[],
): number {
  switch (instruction.op) {
    case 'anchor':
      return instruction.anchor(matching.text, at) ? at : -1;
    case 'backreference':
      return runBackreference(matching, instruction.group, instruction.ignoreCase, at);
    case 'atomic': {
      const before = matching.slots.slice();
      const end = run(matching, instruction.program, at);
      rememberSlots(matching, before, stack);
      return end;
    }
    case 'look': {
      const before = matching.slots.slice();
      const found = instruction.behind
        ? lookBehind(matching, instruction.program, at)
        : run(matching, instruction.program, at) !== -1;
      if (found && instruction.negative) {
        restoreSlots(matching, before);
      } else {
        rememberSlots(matching, before, stack);
      }
      return found !== instruction.negative ? at : -1;
    }
    default:
      return -1;
  }
}

function lookBehind(matching: Matching, program: Program, at: number): boolean {
  for (let start = at; start >= 0; start--) {
    if (run(matching, program, start, at) !== -1) {
      return true;
    }
  }
  return false;
}

/** Lets the outer program undo, when it backtracks, what an inner one noted. */
function rememberSlots(matching: Matching, before: readonly number[], stack: number[]): void {
  for (let slot = 0; slot < before.length; slot++) {
    if (matching.slots[slot] !== before[slot]) {
      stack.push(slot, before[slot]!, restoring);
    }
  }
}

function restoreSlots(matching: Matching, before: readonly number[]): void {
  for (let slot = 0; slot < before.length; slot++) {
    matching.slots[slot] = before[slot]!;
  }
}

/** A group that took no part matches nowhere, as in Java. */
function runBackreference(
  matching: Matching,
  group: number,
  ignoreCase: boolean,
  at: number,
): number {
  const { text, slots } = matching;
  const start = slots[2 * group] ?? -1;
  const end = slots[2 * group + 1] ?? -1;
  if (start === -1 || end === -1 || at + end - start > text.length) {
    return -1;
  }
  for (let offset = 0; offset < end - start; offset++) {
    countStep(matching);
    const expected = text.charCodeAt(start + offset);
    const actual = text.charCodeAt(at + offset);
    if (expected !== actual && !(ignoreCase && otherCase(expected) === actual)) {
      return -1;
    }
  }
  return at + end - start;
}
