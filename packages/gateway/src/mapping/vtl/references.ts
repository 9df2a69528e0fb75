import { evaluate } from './expressions.ts';
import { callMethod, readIndex, readProperty, writeIndex, writeProperty } from './members.ts';
import type { Part, Reference } from './nodes.ts';
import { type Frame, inFrame, type Rendering } from './rendering.ts';
import { TemplateError } from './template-error.ts';

/** What a reference leads to, null when it leads nowhere. */
export function resolve(rendering: Rendering, reference: Reference): unknown {
  let value = readVariable(rendering, reference.name, rendering.frame);
  for (const part of reference.parts) {
    if (value === null) {
      return null;
    }
    value = follow(rendering, value, part, reference);
  }
  return value;
}

/** The first frame that knows the name decides: what a macro has set, then its argument. */
export function readVariable(
  rendering: Rendering,
  name: string,
  frame: Frame | undefined,
): unknown {
  for (let inner = frame; inner !== undefined; inner = inner.caller) {
    const local = inner.locals.get(name) ?? null;
    if (local !== null) {
      return local;
    }
    const argument = inner.arguments.get(name);
    if (argument !== undefined) {
      return inFrame(rendering, inner.caller, () => evaluate(rendering, argument));
    }
  }
  if (name === 'foreach' && rendering.loop !== undefined) {
    return rendering.loop;
  }
  return rendering.variables.get(name) ?? null;
}

/** Inside a macro a variable is set for the macro and for everything around it. */
export function writeVariable(rendering: Rendering, name: string, value: unknown): void {
  for (let frame = rendering.frame; frame !== undefined; frame = frame.caller) {
    frame.locals.set(name, value);
  }
  rendering.variables.set(name, value);
}

/** Sets what a reference leads to. Nothing happens when it leads nowhere. */
export function assign(rendering: Rendering, target: Reference, value: unknown): void {
  const last = target.parts.at(-1);
  if (last === undefined) {
    // Velocity 1.7 takes `${name}` and `$!name` here for names of their own, out of anyone's reach.
    if (target.literal === `$${target.name}`) {
      writeVariable(rendering, target.name, value);
    }
    return;
  }
  const owner = resolve(rendering, { ...target, parts: target.parts.slice(0, -1) });
  at(target, () => {
    switch (last.kind) {
      case 'property':
        writeProperty(owner, last.name, value, rendering.budget);
        return;
      case 'index':
        writeIndex(owner, evaluate(rendering, last.index), value, rendering.budget);
        return;
      case 'method':
        return;
    }
  });
}

function follow(rendering: Rendering, value: unknown, part: Part, reference: Reference): unknown {
  switch (part.kind) {
    case 'property':
      return at(reference, () => readProperty(value, part.name) ?? null);
    case 'index': {
      const index = evaluate(rendering, part.index);
      return at(reference, () => readIndex(value, index) ?? null);
    }
    case 'method': {
      const values = part.arguments.map((argument) => evaluate(rendering, argument));
      return at(reference, () => callMethod(value, part.name, values, rendering.budget) ?? null);
    }
  }
}

/** Gives a failure inside a member the position of the reference. */
function at<T>(reference: Reference, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TemplateError && error.position === undefined) {
      throw new TemplateError(error.message, reference.position);
    }
    throw error;
  }
}
