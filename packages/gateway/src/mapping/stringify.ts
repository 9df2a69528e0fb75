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

function plainNumber(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  if (Number.isInteger(value)) return BigInt(value).toString();
  return value.toFixed(100).replace(/0+$/, '');
}
