import type { Model } from './model.ts';
import { schemaOf } from './model.ts';
import { isObject } from './read-fields.ts';
import type { Dictionary } from './record.ts';

/**
 * A mapping template that fills the structure a model describes from a payload of the same
 * structure, as a start for one's own: what `GetModelTemplate` answers. References to other schemas
 * are not followed, so the template is about as long as the schema.
 */
export function modelTemplate(model: Model): string {
  const schema = schemaOf(model) ?? {};
  const path = "$input.path('$')";
  return `#set($inputRoot = ${path})\n${valueText(schema, '$inputRoot', '', 'elem')}`;
}

/** `at` is the reference that holds the value, `element` the name for the elements of a list. */
function valueText(schema: unknown, at: string, indent: string, element: string): string {
  const { type, properties, items } = isObject(schema) ? schema : ({} as Dictionary<unknown>);
  if (isObject(properties)) return objectText(properties, at, indent, element);
  if (isObject(items)) return listText(items, at, indent, element);
  if (type === 'object') return '{}';
  if (type === 'array') return '[]';
  if (type === 'null') return 'null';
  return type === 'string' ? `"${at}"` : at;
}

function objectText(
  properties: Dictionary<unknown>,
  at: string,
  indent: string,
  element: string,
): string {
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, schema]) => {
    const value = valueText(schema, memberOf(at, name), inner, element);
    return `${inner}${JSON.stringify(name)} : ${value}`;
  });
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

function listText(items: Dictionary<unknown>, at: string, indent: string, element: string): string {
  const inner = `${indent}  `;
  const value = valueText(items, `$${element}`, inner, `${element}Elem`);
  return (
    `[\n#foreach($${element} in ${at})\n${inner}${value}#if($foreach.hasNext),#end\n\n` +
    `#end\n${indent}]`
  );
}

/** Names that are no Velocity identifiers are read with `get`. */
function memberOf(at: string, name: string): string {
  if (/^[A-Za-z][\w-]*$/.test(name)) return `${at}.${name}`;
  return `${at}.get('${name.replaceAll("'", "''")}')`;
}
