import { compilePattern, type Pattern } from '../pattern/pattern.ts';
import { javaPattern } from './ecma-pattern.ts';
import { formats } from './formats.ts';
import type { Keyword } from './keywords.ts';
import { occurs, spend } from './run.ts';
import { SchemaError } from './schema-error.ts';

const maximum: Keyword = ({ maximum, exclusiveMaximum }) => {
  if (typeof maximum !== 'number') return undefined;
  return (value, run) => {
    if (typeof value !== 'number' || value < maximum) return;
    if (value > maximum) {
      run.errors.push(
        `numeric instance is greater than the required maximum (maximum: ${maximum}, found: ${value})`,
      );
    } else if (exclusiveMaximum === true) {
      run.errors.push(
        `numeric instance is not strictly lower than the required maximum ${maximum}`,
      );
    }
  };
};

const minimum: Keyword = ({ minimum, exclusiveMinimum }) => {
  if (typeof minimum !== 'number') return undefined;
  return (value, run) => {
    if (typeof value !== 'number' || value > minimum) return;
    if (value < minimum) {
      run.errors.push(
        `numeric instance is lower than the required minimum (minimum: ${minimum}, found: ${value})`,
      );
    } else if (exclusiveMinimum === true) {
      run.errors.push(
        `numeric instance is not strictly greater than the required minimum ${minimum}`,
      );
    }
  };
};

const multipleOf: Keyword = ({ multipleOf }) => {
  if (typeof multipleOf !== 'number' || !(multipleOf > 0)) return undefined;
  return (value, run) => {
    if (typeof value !== 'number' || isMultiple(value, multipleOf)) return;
    run.errors.push(`remainder of division is not zero (${value} / ${multipleOf})`);
  };
};

/** Exact, in the decimal digits that JSON has: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(of)) return value % of === 0;
  const [left, leftExponent] = decimal(value);
  const [right, rightExponent] = decimal(of);
  const least = Math.min(leftExponent, rightExponent);
  const scaled = (digits: bigint, exponent: number) => digits * 10n ** BigInt(exponent - least);
  return scaled(left, leftExponent) % scaled(right, rightExponent) === 0n;
}

/** A number as a whole one times a power of ten. */
function decimal(value: number): [digits: bigint, exponent: number] {
  const [text = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = text.split('.');
  return [BigInt(whole + fraction), Number(exponent) - fraction.length];
}

const maxLength: Keyword = ({ maxLength }) => {
  if (typeof maxLength !== 'number') return undefined;
  return (value, run) => {
    if (typeof value !== 'string') return;
    const length = charactersOf(value);
    if (length <= maxLength) return;
    run.errors.push(
      `string ${JSON.stringify(value)} is too long (length: ${length}, maximum allowed: ${maxLength})`,
    );
  };
};

const minLength: Keyword = ({ minLength }) => {
  if (typeof minLength !== 'number') return undefined;
  return (value, run) => {
    if (typeof value !== 'string') return;
    const length = charactersOf(value);
    if (length >= minLength) return;
    run.errors.push(
      `string ${JSON.stringify(value)} is too short (length: ${length}, required minimum: ${minLength})`,
    );
  };
};

/** In code points. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const pattern: Keyword = ({ pattern: text }) => {
  if (typeof text !== 'string') return undefined;
  const pattern = patternOf(text);
  return (value, run) => {
    if (typeof value !== 'string' || occurs(pattern, value, run)) return;
    run.errors.push(
      `ECMA 262 regex ${JSON.stringify(text)} does not match input string ${JSON.stringify(value)}`,
    );
  };
};

/** Throws `SchemaError`. */
export function patternOf(text: string): Pattern {
  try {
    return compilePattern(javaPattern(text));
  } catch (error) {
    throw new SchemaError(`the pattern ${JSON.stringify(text)}: ${(error as Error).message}`);
  }
}

const format: Keyword = ({ format }) => {
  const test = typeof format === 'string' ? formats.get(format) : undefined;
  if (!test) return undefined;
  return (value, run) => {
    if (typeof value !== 'string') return;
    spend(run, 1 + Math.ceil(value.length / 64));
    if (test(value)) return;
    run.errors.push(`string ${JSON.stringify(value)} is not a valid ${format}`);
  };
};

export const scalarKeywords: readonly Keyword[] = [
  multipleOf,
  maximum,
  minimum,
  maxLength,
  minLength,
  pattern,
  format,
];
