import { Decimal } from '../json-path/document.ts';
import { javaEquals, numberOf } from './equality.ts';
import { isNumber, type MethodTable, method, throwJava } from './method-table.ts';
import { textOf } from './text.ts';
import { integer, isInteger } from './values.ts';

type JavaNumber = number | bigint | Decimal;

const commonMethods: MethodTable<JavaNumber> = {
  intValue: [method([], (self) => Number(BigInt.asIntN(32, whole(self))))],
  longValue: [method([], (self) => integer(BigInt.asIntN(64, whole(self))))],
  shortValue: [method([], (self) => Number(BigInt.asIntN(16, whole(self))))],
  byteValue: [method([], (self) => Number(BigInt.asIntN(8, whole(self))))],
  doubleValue: [method([], (self) => new Decimal(numberOf(self)!))],
  floatValue: [method([], (self) => new Decimal(numberOf(self)!))],
  toString: [
    method([], (self, _, budget) => textOf(self, budget)),
    method(['any'], (_, [value], budget) => (isNumber(value) ? textOf(value, budget) : undefined)),
  ],
  equals: [method(['any'], (self, [other], budget) => javaEquals(self, other, budget))],
  compareTo: [method(['any'], compareTo)],
};

/** The methods of Integer, Long and BigInteger that templates use, the static ones included. */
export const integerMethods: MethodTable<JavaNumber> = {
  ...commonMethods,
  hashCode: [method([], (self) => Number(BigInt.asIntN(32, whole(self))))],
  parseInt: [
    method(['string'], (_, [text]) => parseInteger(text, 10)),
    method(['string', 'int'], (_, [text, radix]) => parseInteger(text, radix)),
  ],
  parseLong: [method(['string'], (_, [text]) => parseInteger(text, 10))],
  valueOf: [
    method(['string'], (_, [text]) => parseInteger(text, 10)),
    method(['int'], (_, [value]) => value),
  ],
  toHexString: [method(['int'], (_, [value]) => BigInt.asUintN(32, BigInt(value)).toString(16))],
  toBinaryString: [method(['int'], (_, [value]) => BigInt.asUintN(32, BigInt(value)).toString(2))],
  max: [method(['int', 'int'], (_, [left, right]) => Math.max(left, right))],
  min: [method(['int', 'int'], (_, [left, right]) => Math.min(left, right))],
};

/** The methods of Double that templates use. */
export const decimalMethods: MethodTable<JavaNumber> = {
  ...commonMethods,
  parseDouble: [method(['string'], (_, [text]) => parseDecimal(text))],
  valueOf: [method(['string'], (_, [text]) => parseDecimal(text))],
  isNaN: [method([], (self) => Number.isNaN(numberOf(self)))],
  isInfinite: [method([], (self) => Math.abs(numberOf(self)!) === Number.POSITIVE_INFINITY)],
};

/** The methods of Boolean that templates use. */
export const booleanMethods: MethodTable<boolean> = {
  booleanValue: [method([], (self) => self)],
  toString: [method([], String)],
  hashCode: [method([], (self) => (self ? 1231 : 1237))],
  equals: [method(['any'], (self, [other]) => self === other)],
  compareTo: [
    method(['any'], (self, [other]) =>
      typeof other === 'boolean'
        ? Number(self) - Number(other)
        : throwJava('A boolean compares with booleans only'),
    ),
  ],
  parseBoolean: [method(['string'], (_, [text]) => text.toLowerCase() === 'true')],
  valueOf: [method(['string'], (_, [text]) => text.toLowerCase() === 'true')],
};

/** The integer part, as Java's narrowing gives it: no number becomes 0, what is too large the largest. */
function whole(value: JavaNumber): bigint {
  if (isInteger(value)) {
    return BigInt(value);
  }
  if (Number.isNaN(value.value)) {
    return 0n;
  }
  const long = 2 ** 63;
  return BigInt(Math.trunc(Math.min(Math.max(value.value, -long), long - 1024)));
}

function compareTo(self: JavaNumber, [other]: readonly [unknown]): number {
  if (isInteger(self) !== isInteger(other) || !isNumber(other)) {
    throwJava('A number compares with numbers of its own class only');
  }
  const left = isInteger(self) ? self : self.value;
  const right = isInteger(other) ? other : other.value;
  return left === right ? 0 : left < right ? -1 : 1;
}

function parseInteger(text: string, radix: number): number | bigint {
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, Math.max(2, radix));
  const body = text.replace(/^[+-]/, '').toLowerCase();
  if (body === '' || body.length > 40 || [...body].some((digit) => !digits.includes(digit))) {
    throwJava(`For input string: ${JSON.stringify(text.slice(0, 80))}`);
  }
  let value = 0n;
  for (const digit of body) {
    value = value * BigInt(radix) + BigInt(digits.indexOf(digit));
  }
  return integer(text.startsWith('-') ? -value : value);
}

function parseDecimal(text: string): Decimal {
  const trimmed = text.trim();
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/.test(trimmed)) {
    throwJava(`For input string: ${JSON.stringify(text.slice(0, 80))}`);
  }
  return new Decimal(Number(trimmed.replace(/[dDfF]$/, '')));
}
