import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { problemAt, sectionOf, type Template } from '../cloudformation/template.ts';
import { didYouMean } from '../suggest.ts';

const KINDS = [
  'Function',
  'Api',
  'HttpApi',
  'WebSocketApi',
  'SimpleTable',
  'StateMachine',
  'LayerVersion',
  'CapacityProvider',
];

/** The section `Globals`. Throws for a kind SAM does not know. */
export function readGlobals(template: Template): Dictionary<Dictionary<unknown>> {
  const globals = sectionOf(template, 'Globals');
  for (const kind of Object.keys(globals)) {
    if (KINDS.includes(kind)) continue;
    throw problemAt(template, ['Globals', kind], `unknown kind${didYouMean(kind, KINDS)}`);
  }
  return globals;
}

/**
 * The properties of a resource beside those all of its kind have: maps are merged, lists joined, anything
 * else is the resource's own where it says something.
 */
export function withGlobals(
  template: Template,
  globals: Dictionary<Dictionary<unknown>>,
  type: string,
  properties: Dictionary<unknown>,
): Dictionary<unknown> {
  const common = own(globals, type.split('::').at(-1)!);
  return common ? (merge(template, common, properties) as Dictionary<unknown>) : properties;
}

function merge(template: Template, common: unknown, one: unknown): unknown {
  if (Array.isArray(common) && Array.isArray(one)) return [...common, ...one];
  if (!isObject(common) || !isObject(one) || isIntrinsic(common) || isIntrinsic(one)) return one;
  const keys = [...new Set([...Object.keys(common), ...Object.keys(one)])];
  const merged = Object.fromEntries(
    keys.map((key) => {
      const [theirs, ours] = [own(common, key), own(one, key)];
      return [key, ours === undefined ? theirs : merge(template, theirs, ours)];
    }),
  );
  template.places.copy(merged, one);
  return merged;
}

function isIntrinsic(value: Dictionary<unknown>): boolean {
  const [key = '', ...others] = Object.keys(value);
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
}
