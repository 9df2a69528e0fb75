import { evaluate, isTrue } from './expressions.ts';
import { renderForeach } from './foreach.ts';
import { defineDepthMax } from './limits.ts';
import { callMacro } from './macros.ts';
import type { Body, Node, Reference } from './nodes.ts';
import { assign, resolve, writeVariable } from './references.ts';
import { Definition, deeper, inFrame, type Outcome, type Rendering } from './rendering.ts';
import { writeText } from './text.ts';

/** Renders nodes one after the other until one of them leaves the body. */
export function renderBody(rendering: Rendering, body: Body): Outcome {
  return deeper(rendering, () => {
    for (const node of body) {
      const outcome = renderNode(rendering, node);
      if (outcome !== 'done') {
        return outcome;
      }
    }
    return 'done';
  });
}

/** The text of a body, as an interpolated string needs it. A `#stop` inside ends only that text. */
export function renderToText(rendering: Rendering, body: Body): string {
  const outer = rendering.writer;
  const inner = outer.fresh();
  rendering.writer = inner;
  renderBody(rendering, body);
  rendering.writer = outer;
  return inner.toString();
}

function renderNode(rendering: Rendering, node: Node): Outcome {
  switch (node.kind) {
    case 'text':
      rendering.writer.write(node.text);
      return 'done';
    case 'reference':
      return renderReference(rendering, node);
    case 'set': {
      const value = evaluate(rendering, node.value);
      // Velocity does not set null: the variable keeps what it had.
      if (value !== null) {
        assign(rendering, node.target, value);
      }
      return 'done';
    }
    case 'if': {
      const branch = node.branches.find(({ condition }) => isTrue(rendering, condition));
      return renderBody(rendering, branch?.body ?? node.otherwise);
    }
    case 'foreach':
      return renderForeach(rendering, node);
    case 'define':
      writeVariable(rendering, node.name, new Definition(node.name, node.body, rendering.frame));
      return 'done';
    case 'macro-call':
      return callMacro(rendering, node);
    case 'break':
    case 'stop':
      return node.kind;
  }
}

function renderReference(rendering: Rendering, reference: Reference): Outcome {
  const { writer } = rendering;
  const value = resolve(rendering, reference);
  if (reference.escaped) {
    // The backslash has done its work only in front of something that exists.
    writer.write(reference.backslashes + (value === null ? '\\' : '') + reference.literal);
    return 'done';
  }
  if (value instanceof Definition) {
    writer.write(reference.backslashes + reference.dollars);
    return renderDefinition(rendering, value, reference);
  }
  if (value !== null) {
    writer.write(reference.backslashes + reference.dollars);
    writeText(writer, value);
    return 'done';
  }
  if (rendering.literalsForNothing) {
    const literal = reference.quiet ? '' : literalOf(rendering, reference);
    writer.write(reference.backslashes + reference.backslashes + reference.dollars + literal);
  } else {
    writer.write(reference.backslashes + reference.dollars);
  }
  return 'done';
}

/** A macro's parameter that leads nowhere shows the text of its argument. */
function literalOf(rendering: Rendering, reference: Reference): string {
  const argument = rendering.frame?.arguments.get(reference.name);
  return argument?.kind === 'reference' && reference.literal === `$${reference.name}`
    ? argument.literal
    : reference.literal;
}

function renderDefinition(
  rendering: Rendering,
  definition: Definition,
  reference: Reference,
): Outcome {
  if (definition.depth >= defineDepthMax) {
    rendering.writer.write(rendering.literalsForNothing ? reference.literal : '');
    return 'done';
  }
  definition.depth += 1;
  const outcome = inFrame(rendering, definition.frame, () =>
    renderBody(rendering, definition.body),
  );
  definition.depth -= 1;
  return outcome === 'stop' ? 'stop' : 'done';
}
