import type { Field, NumberRule, Rule, TextRule } from '../resources/field.ts';

/** Which requests read the fields of a table. */
export interface FieldRequests {
  readonly isCreated: boolean;
  /** Its update is a PUT of the whole. */
  readonly isReplaced: boolean;
}

/** Rows of a Markdown table, one per field: name, type, create, update, default, and what else holds. */
export function fieldRows(
  fields: readonly Field[],
  { isCreated, isReplaced }: FieldRequests,
): string[] {
  return fields.map((field) => {
    const cells = [
      `\`${field.name}\``,
      typeOf(field),
      isCreated && field.only !== 'update' ? requestOf(field.required !== undefined) : '',
      field.only === 'create' ? '' : requestOf(isReplaced && field.required !== undefined),
      defaultOf(field),
      notesOf(field).join('; '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

const requestOf = (isRequired: boolean) => (isRequired ? 'required' : 'optional');

function typeOf(rule: Rule): string {
  switch (rule.kind) {
    case 'text':
      return rule.oneOf ? rule.oneOf.map((word) => `\`${word}\``).join(', ') : 'string';
    case 'flag':
      return 'boolean';
    case 'number':
      return rule.isWhole ? 'integer' : 'number';
    case 'list':
      return `list of ${typeOf(rule.of)}`;
    case 'map':
      return `map to ${typeOf(rule.of)}`;
    case 'object':
      return `{ ${rule.members.map((member) => `\`${member.name}\`: ${typeOf(member)}`).join('; ')} }`;
    case 'json':
      return 'JSON';
  }
}

function defaultOf({ initial }: Field): string {
  if (initial === undefined) return '';
  return `\`${JSON.stringify(initial).replaceAll('|', '\\|')}\``;
}

function notesOf(field: Field): string[] {
  const notes = boundsOf(field);
  if (field.httpOnly !== undefined) notes.push('HTTP APIs only: refused, kept with `--lenient`');
  if (field.isWriteOnly) notes.push('not shown');
  return notes;
}

function boundsOf(rule: Rule): string[] {
  switch (rule.kind) {
    case 'text':
      return textBounds(rule);
    case 'number':
      return numberBounds(rule);
    case 'list':
      return boundsOf(rule.of).map((note) => `each ${note}`);
    case 'map': {
      const keys = rule.key ? boundsOf(rule.key).map((note) => `names ${note}`) : [];
      const most = rule.quota ? [`at most ${rule.quota.max} entries`] : [];
      const prefix = rule.of.kind === 'object' ? '' : 'values ';
      return [...most, ...keys, ...boundsOf(rule.of).map((note) => prefix + note)];
    }
    case 'object':
      return rule.patch === 'merge' ? ['a PATCH keeps members it leaves out'] : [];
    case 'flag':
    case 'json':
      return [];
  }
}

function textBounds({ lengthMin, lengthMax, isClearable }: TextRule): string[] {
  const notes = isClearable ? ['cleared by ""'] : [];
  if (lengthMax === undefined) return notes;
  const least = lengthMin === undefined ? 'at most' : `${lengthMin} to`;
  return [`${least} ${lengthMax} characters`, ...notes];
}

function numberBounds({ min, max }: NumberRule): string[] {
  if (max !== undefined) return [`${min} to ${max}`];
  return min === Number.MIN_SAFE_INTEGER ? [] : [`at least ${min}`];
}
