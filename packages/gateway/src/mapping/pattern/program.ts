import { instructionsMax } from './limits.ts';
import type { Anchor, Bounds, CharacterSet, Mode, Node, Syntax } from './nodes.ts';
import { PatternError } from './pattern-error.ts';

/** What the matcher runs. `to`, `first`, `second` and `exit` are places in the same program. */
export type Instruction =
  | { readonly op: 'set'; readonly set: CharacterSet }
  | { readonly op: 'anchor'; readonly anchor: Anchor }
  | { readonly op: 'jump'; to: number }
  /** Goes on at `first`; at `second` when that fails. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'save'; readonly slot: number }
  /** Leaves a loop whose last round consumed nothing. */
  | { readonly op: 'progress'; readonly slot: number; exit: number }
  | {
      readonly op: 'look';
      readonly program: Program;
      readonly behind: boolean;
      readonly negative: boolean;
    }
  | { readonly op: 'atomic'; readonly program: Program }
  | { readonly op: 'backreference'; readonly group: number; readonly ignoreCase: boolean }
  | { readonly op: 'match' };

export type Program = readonly Instruction[];

export interface CompiledProgram {
  readonly program: Program;
  /** Two for each group, the whole match included, then one for each loop. */
  readonly slots: number;
  /** Of the program and those within it. */
  readonly instructions: number;
}

interface Assembly {
  slots: number;
  emitted: number;
}

export function compileProgram(syntax: Syntax): CompiledProgram {
  const assembly: Assembly = { slots: 2 * (syntax.groups + 1), emitted: 0 };
  const program = assemble(assembly, syntax.node);
  return { program, slots: assembly.slots, instructions: assembly.emitted };
}

function assemble(assembly: Assembly, node: Node): Program {
  const program: Instruction[] = [];
  add(assembly, program, node);
  program.push({ op: 'match' });
  return program;
}

function emit<T extends Instruction>(
  assembly: Assembly,
  program: Instruction[],
  instruction: T,
): T {
  assembly.emitted += 1;
  if (assembly.emitted > instructionsMax) {
    throw new PatternError(`Pattern compiles to more than ${instructionsMax} instructions`);
  }
  program.push(instruction);
  return instruction;
}

function add(assembly: Assembly, program: Instruction[], node: Node): void {
  switch (node.kind) {
    case 'set':
      emit(assembly, program, { op: 'set', set: node.set });
      return;
    case 'anchor':
      emit(assembly, program, { op: 'anchor', anchor: node.anchor });
      return;
    case 'backreference':
      emit(assembly, program, {
        op: 'backreference',
        group: node.group,
        ignoreCase: node.ignoreCase,
      });
      return;
    case 'sequence':
      for (const part of node.nodes) {
        add(assembly, program, part);
      }
      return;
    case 'capture':
      emit(assembly, program, { op: 'save', slot: 2 * node.group });
      add(assembly, program, node.node);
      emit(assembly, program, { op: 'save', slot: 2 * node.group + 1 });
      return;
    case 'alternatives':
      addAlternatives(assembly, program, node.nodes);
      return;
    case 'look':
      emit(assembly, program, {
        op: 'look',
        program: assemble(assembly, node.node),
        behind: node.behind,
        negative: node.negative,
      });
      return;
    case 'atomic':
      emit(assembly, program, { op: 'atomic', program: assemble(assembly, node.node) });
      return;
    case 'repeat':
      addRepeat(assembly, program, node.node, node.bounds, node.mode);
      return;
  }
}

function addAlternatives(assembly: Assembly, program: Instruction[], nodes: readonly Node[]): void {
  const exits: (Instruction & { op: 'jump' })[] = [];
  for (const [index, node] of nodes.entries()) {
    if (index === nodes.length - 1) {
      add(assembly, program, node);
      break;
    }
    const split = emit(assembly, program, { op: 'split', first: program.length + 1, second: 0 });
    add(assembly, program, node);
    exits.push(emit(assembly, program, { op: 'jump', to: 0 }));
    split.second = program.length;
  }
  for (const exit of exits) {
    exit.to = program.length;
  }
}

function addRepeat(
  assembly: Assembly,
  program: Instruction[],
  node: Node,
  bounds: Bounds,
  mode: Mode,
): void {
  if (mode === 'possessive') {
    const greedy: Node = { kind: 'repeat', node, bounds, mode: 'greedy' };
    emit(assembly, program, { op: 'atomic', program: assemble(assembly, greedy) });
    return;
  }
  for (let round = 0; round < bounds.least; round++) {
    add(assembly, program, node);
  }
  if (bounds.most === Number.POSITIVE_INFINITY) {
    addLoop(assembly, program, node, mode);
    return;
  }
  const splits: (Instruction & { op: 'split' })[] = [];
  for (let round = bounds.least; round < bounds.most; round++) {
    splits.push(emit(assembly, program, { op: 'split', first: program.length + 1, second: 0 }));
    add(assembly, program, node);
  }
  for (const split of splits) {
    split.second = program.length;
    preferExit(split, mode);
  }
}

function addLoop(assembly: Assembly, program: Instruction[], node: Node, mode: Mode): void {
  const start = program.length;
  const split = emit(assembly, program, { op: 'split', first: start + 1, second: 0 });
  // A loop over one character always consumes it and needs no watching.
  if (node.kind === 'set') {
    add(assembly, program, node);
    emit(assembly, program, { op: 'jump', to: start });
  } else {
    const slot = assembly.slots;
    assembly.slots += 1;
    emit(assembly, program, { op: 'save', slot });
    add(assembly, program, node);
    const progress = emit(assembly, program, { op: 'progress', slot, exit: 0 });
    emit(assembly, program, { op: 'jump', to: start });
    progress.exit = program.length;
  }
  split.second = program.length;
  preferExit(split, mode);
}

/** A lazy loop tries to leave before it tries another round. */
function preferExit(split: Instruction & { op: 'split' }, mode: Mode): void {
  if (mode === 'lazy') {
    [split.first, split.second] = [split.second, split.first];
  }
}
