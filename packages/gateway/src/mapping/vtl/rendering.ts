import type { Budget } from './budget.ts';
import { spend } from './budget.ts';
import type { HostObject } from './host-object.ts';
import { evaluationDepthMax } from './limits.ts';
import type { Body, Expression, Macro } from './nodes.ts';
import { TemplateError } from './template-error.ts';
import type { TextWriter } from './text.ts';

/** One rendering of one template. */
export interface Rendering {
  readonly variables: Map<string, unknown>;
  readonly macros: ReadonlyMap<string, Macro>;
  readonly budget: Budget;
  /** Whether a reference that leads nowhere prints its own text, as Velocity does. */
  readonly literalsForNothing: boolean;
  writer: TextWriter;
  /** The call of a macro that is under way, with those around it. */
  frame: Frame | undefined;
  /** The innermost `$foreach`. */
  loop: HostObject | undefined;
  macroDepth: number;
  depth: number;
}

/** A macro's arguments are expressions: evaluated, in the caller's frame, whenever they are used. */
export interface Frame {
  readonly caller: Frame | undefined;
  readonly arguments: ReadonlyMap<string, Expression>;
  /** What the macro has set under the names of anything. */
  readonly locals: Map<string, unknown>;
}

/** What `#define` puts into a variable: rendered whenever the variable is printed. */
export class Definition {
  readonly name: string;
  readonly body: Body;
  readonly frame: Frame | undefined;
  /** How often it is being rendered within itself. */
  depth = 0;

  constructor(name: string, body: Body, frame: Frame | undefined) {
    this.name = name;
    this.body = body;
    this.frame = frame;
  }
}

/** How a body ended: `break` leaves the loop, macro or definition around, `stop` the template. */
export type Outcome = 'done' | 'break' | 'stop';

/** Runs something one level deeper, within the limits of depth and steps. */
export function deeper<T>(rendering: Rendering, run: () => T): T {
  spend(rendering.budget, 1);
  if (rendering.depth >= evaluationDepthMax) {
    throw new TemplateError(`Evaluation is more than ${evaluationDepthMax} deep`);
  }
  rendering.depth += 1;
  const result = run();
  rendering.depth -= 1;
  return result;
}

/** Runs something in another frame and comes back. */
export function inFrame<T>(rendering: Rendering, frame: Frame | undefined, run: () => T): T {
  const before = rendering.frame;
  rendering.frame = frame;
  const result = run();
  rendering.frame = before;
  return result;
}
