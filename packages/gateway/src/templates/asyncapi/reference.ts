import { isObject } from '../../resources/read-fields.ts';
import { own } from '../../resources/record.ts';
import { problemAt, type Template } from '../cloudformation/template.ts';
import type { Path } from '../problem.ts';

const HOPS_MAX = 20;

/** What a `{ $ref: '#/…' }` stands for; any other value is itself. Only this document is looked into. */
export function dereference(source: Template, value: unknown, path: Path): unknown {
  let found = value;
  for (let hop = 0; hop <= HOPS_MAX; hop++) {
    const reference = isObject(found) ? own(found, '$ref') : undefined;
    if (typeof reference !== 'string') return found;
    if (!reference.startsWith('#/')) {
      throw problemAt(source, [...path, '$ref'], `${reference} is outside of this document`);
    }
    found = lookUp(source.document, reference.slice(2).split('/').map(unescaped));
    if (found === undefined) throw problemAt(source, [...path, '$ref'], `there is no ${reference}`);
  }
  throw problemAt(source, path, 'refers to itself');
}

function lookUp(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    root,
  );
}

function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
