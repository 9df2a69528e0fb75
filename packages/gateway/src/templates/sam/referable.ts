/** SAM lets templates say `!Ref Api.Stage` for the stage it makes up. */
import type { Dictionary } from '../../resources/record.ts';
import type { Template } from '../cloudformation/template.ts';

/** `root` with such references turned into plain ones. `stages`: logical id of the API → of the stage. */
export function referable(
  template: Template,
  root: Dictionary<unknown>,
  stages: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value, stages);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref } = value as { Ref?: unknown };
    const stage = typeof Ref === 'string' ? stageOf(Ref, stages) : undefined;
    const copy = stage
      ? { Ref: stage }
      : Array.isArray(value)
        ? value.map(walk)
        : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each)]));
    template.places.copy(copy, value);
    return copy;
  };
  return walk(root) as Record<string, unknown>;
}

function stageOf(reference: string, stages: ReadonlyMap<string, string>): string | undefined {
  return reference.endsWith('.Stage')
    ? stages.get(reference.slice(0, -'.Stage'.length))
    : undefined;
}

function inText(text: string, stages: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{([\w]+)\.Stage\}/g, (whole, id: string) => {
    const stage = stages.get(id);
    return stage === undefined ? whole : `\${${stage}}`;
  });
}
