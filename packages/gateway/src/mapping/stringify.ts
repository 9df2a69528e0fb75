import { JsonPathError } from './json-path/json-path-error.ts';
import { documentNestingMax } from './json-path/limits.ts';

/**
 * A JSON value as the text API Gateway makes of it in expressions and mapped parameters.
 * A missing value is empty; numbers have no exponent; arrays read `[item1, item2]`. Throws
 * `JsonPathError` for a value so deep that writing it would take the stack: clients choose it.
 */
export function stringify(value: unknown): string {
  return textOf(value, documentNestingMax);
}

function textOf(value: unknown, nestingLeft: number): string {
  switch (typeof value) {
    case 'undefined':
      return '';
    case 'string':
      return value;
    case 'number':
      return plainNumber(value);
    case 'boolean':
      return String(value);
    default:
      if (value === null) return 'null';
      if (!Array.isArray(value)) {
        assertShallow(value as object, nestingLeft);
        return JSON.stringify(value);
      }
      if (nestingLeft === 0) throw tooDeep();
      return `[${value.map((item) => textOf(item, nestingLeft - 1)).join(', ')}]`;
  }
}

function assertShallow(value: object, nestingLeft: number): void {
  if (nestingLeft === 0) throw tooDeep();
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) assertShallow(member, nestingLeft - 1);
  }
}

const tooDeep = () => new JsonPathError(`Value is nested more than ${documentNestingMax} deep`);

/** JavaScript's shortest digits, with the exponent written out as zeros. */
function plainNumber(value: number): string {
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(digits) ?? [];
  return `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${whole}${fraction}`;
}
