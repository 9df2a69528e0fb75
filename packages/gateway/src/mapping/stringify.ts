/**
 * A JSON value as the text API Gateway makes of it in expressions and mapped parameters.
 * A missing value is empty; numbers have no exponent; arrays read `[item1, item2]`.
 */
export function stringify(value: unknown): string {
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
      if (Array.isArray(value)) return `[${value.map(stringify).join(', ')}]`;
      return JSON.stringify(value);
  }
}

/** JavaScript's shortest digits, with the exponent written out as zeros. */
function plainNumber(value: number): string {
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(digits) ?? [];
  return `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${whole}${fraction}`;
}
