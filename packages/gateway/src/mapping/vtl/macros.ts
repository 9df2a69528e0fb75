import { renderBody } from './evaluator.ts';
import { macroDepthMax } from './limits.ts';
import type { Expression, MacroCall } from './nodes.ts';
import type { Outcome, Rendering } from './rendering.ts';
import { inFrame } from './rendering.ts';
import { TemplateError } from './template-error.ts';

/** Renders a macro with its arguments, or the text of the call when there is no such macro. */
export function callMacro(rendering: Rendering, call: MacroCall): Outcome {
  const macro = rendering.macros.get(call.name);
  if (macro === undefined) {
    rendering.writer.write(call.literal);
    return 'done';
  }
  if (rendering.macroDepth >= macroDepthMax) {
    throw new TemplateError(
      `Macros call each other more than ${macroDepthMax} deep`,
      call.position,
    );
  }
  const parameters = new Map<string, Expression>();
  for (const [index, parameter] of macro.parameters.entries()) {
    const argument = call.arguments[index];
    if (argument !== undefined) {
      parameters.set(parameter, argument);
    }
  }
  const frame = { caller: rendering.frame, arguments: parameters, locals: new Map() };
  rendering.macroDepth += 1;
  const outcome = inFrame(rendering, frame, () => renderBody(rendering, macro.body));
  rendering.macroDepth -= 1;
  return outcome === 'stop' ? 'stop' : 'done';
}
