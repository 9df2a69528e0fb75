import { PolicyError } from './policy-error.ts';

/** Reading the JSON of a policy document, with complaints that name the place. */

/** The members of an object, none of which may have another name. */
export function members(
  value: unknown,
  path: string,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const object = entries(value, path);
  for (const name of Object.keys(object)) {
    if (names.includes(name)) continue;
    throw new PolicyError(join(path, name), `unknown element, expected one of ${names.join(', ')}`);
  }
  return object;
}

/** An object with any names. */
export function entries(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new PolicyError(path, 'expected an object');
}

/** Nothing, or one string. */
export function checkOptionalString(value: unknown, path: string): void {
  if (value === undefined || typeof value === 'string') return;
  throw new PolicyError(path, 'expected a string');
}

/** One string, or a list of at least one: IAM lets the brackets go where there is one value. */
export function strings(value: unknown, path: string): readonly Located[] {
  return scalars(value, path, (item) => (typeof item === 'string' ? item : undefined), 'a string');
}

/** Like `strings`, for condition values, where numbers and booleans need no quotation marks. */
export function conditionValues(value: unknown, path: string): readonly Located[] {
  const read = (item: unknown) =>
    typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean'
      ? String(item)
      : undefined;
  return scalars(value, path, read, 'a string, number or boolean');
}

/** A text and where in the document it stands. */
export interface Located {
  readonly text: string;
  readonly path: string;
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function scalars(
  value: unknown,
  path: string,
  read: (item: unknown) => string | undefined,
  expected: string,
): readonly Located[] {
  const isList = Array.isArray(value);
  const items: readonly unknown[] = isList ? value : [value];
  if (items.length === 0) throw new PolicyError(path, 'expected at least one value');
  return items.map((item, index) => {
    const where = isList ? `${path}[${index}]` : path;
    const text = read(item);
    if (text === undefined) throw new PolicyError(where, `expected ${expected}`);
    return { text, path: where };
  });
}
