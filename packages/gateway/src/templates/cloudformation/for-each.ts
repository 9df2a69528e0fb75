/**
 * `Fn::ForEach::Name` of the transform `AWS::LanguageExtensions`: a part of a mapping written once and
 * repeated for every item of a list.
 */
import { isObject } from '../../resources/read-fields.ts';
import type { Dictionary } from '../../resources/record.ts';
import type { Path } from '../problem.ts';
import { templateLimits } from '../source/limits.ts';
import { problemAt, type Template } from './template.ts';

export type ListOf = (node: unknown, path: Path) => unknown;

const LOOP = /^Fn::ForEach::(.+)$/;

/** `node` with its loops written out. `listOf` works out what a loop runs over. */
export function expandLoops(
  template: Template,
  node: Dictionary<unknown>,
  path: Path,
  listOf: ListOf,
): Dictionary<unknown> {
  if (!Object.keys(node).some((key) => LOOP.test(key))) return node;
  let count = 0;
  const expand = (map: Dictionary<unknown>, at: Path): [string, unknown][] =>
    Object.entries(map).flatMap(([key, value]) => {
      if (++count > templateLimits.resourcesMax) {
        throw problemAt(template, at, `more than ${templateLimits.resourcesMax} repetitions`);
      }
      return LOOP.test(key)
        ? repeat(key, value, [...at, key])
        : [[key, value] as [string, unknown]];
    });
  const repeat = (_: string, value: unknown, at: Path): [string, unknown][] => {
    const [identifier, collection, body] = Array.isArray(value) ? value : [];
    if (typeof identifier !== 'string' || !isObject(body)) {
      throw problemAt(template, at, 'takes a list of three: a name, a list, and what to repeat');
    }
    const items = listOf(collection, [...at, 1]);
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) {
      throw problemAt(template, [...at, 1], 'must be a list of texts');
    }
    return items.flatMap((item) =>
      expand(substitute(template, body, identifier, item) as Dictionary<unknown>, [...at, 2]),
    );
  };
  const expanded = Object.fromEntries(expand(node, path));
  template.places.copy(expanded, node);
  return expanded;
}

/** `${Name}` and `{ Ref: Name }` as `item`; `&{Name}` as its letters and digits alone. */
function substitute(template: Template, node: unknown, name: string, item: string): unknown {
  const text = (value: string) =>
    value
      .replaceAll(`\${${name}}`, item)
      .replaceAll(`&{${name}}`, item.replace(/[^a-zA-Z0-9]/g, ''));
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (!Array.isArray(value) && (value as { Ref?: unknown }).Ref === name) return item;
    const copy = Array.isArray(value)
      ? value.map(walk)
      : Object.fromEntries(Object.entries(value).map(([key, each]) => [text(key), walk(each)]));
    template.places.copy(copy, value);
    return copy;
  };
  return walk(node);
}
