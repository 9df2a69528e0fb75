/** SAM lets templates say `!Ref Api.Stage` for the stage it makes up, and so for whatever has no id. */
import type { Dictionary } from '../../resources/record.ts';
import type { Template } from '../cloudformation/template.ts';

/** `root` with such references turned into plain ones. `names`: `Api.Stage` → the stage's logical id. */
export function referable(
  template: Template,
  root: Dictionary<unknown>,
  names: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value, names);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref } = value as { Ref?: unknown };
    const id = typeof Ref === 'string' ? names.get(Ref) : undefined;
    const copy = id
      ? { Ref: id }
      : Array.isArray(value)
        ? value.map(walk)
        : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each)]));
    template.places.copy(copy, value);
    return copy;
  };
  return walk(root) as Record<string, unknown>;
}

function inText(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(\w+\.\w+)\}/g, (whole, name: string) => {
    const id = names.get(name);
    return id === undefined ? whole : `\${${id}}`;
  });
}
