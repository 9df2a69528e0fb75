import { Decimal } from '../json-path/document.ts';
import { type Budget, spendOnText } from './budget.ts';
import { throwJava } from './method-table.ts';
import { textOf } from './text.ts';
import { isInteger } from './values.ts';

/** Widest field and longest fraction of a format. */
const widthMax = 1000;

const specifier = /%(\d+\$)?([-0+ ,]*)(\d{1,4})?(?:\.(\d{1,4}))?([a-zA-Z%])/g;

/** `String.format` of Java for `%s`, `%d`, `%x`, `%f`, `%b`, `%c`, `%n` and `%%`. */
export function javaFormat(pattern: string, values: readonly unknown[], budget: Budget): string {
  let next = 0;
  const result = pattern.replace(
    specifier,
    (_, place: string | undefined, flags: string, width, precision, conversion: string) => {
      if (conversion === '%') {
        return '%';
      }
      if (conversion === 'n') {
        return '\n';
      }
      const index = place === undefined ? next++ : Number.parseInt(place, 10) - 1;
      if (index >= values.length) {
        throwJava(`Format specifier '%${conversion}'`);
      }
      const text = convert(conversion, values[index], precision, flags, budget);
      return pad(text, Math.min(widthMax, Number(width ?? 0)), flags);
    },
  );
  spendOnText(budget, result.length);
  return result;
}

function convert(
  conversion: string,
  value: unknown,
  precision: string | undefined,
  flags: string,
  budget: Budget,
): string {
  switch (conversion) {
    case 's':
    case 'S': {
      const text = textOf(value, budget).slice(0, precision === undefined ? undefined : +precision);
      return conversion === 'S' ? text.toUpperCase() : text;
    }
    case 'b':
      return String(typeof value === 'boolean' ? value : value !== null);
    case 'c':
      return isInteger(value)
        ? String.fromCodePoint(Number(value) & 0xffff)
        : textOf(value, budget);
    case 'd':
      return isInteger(value) ? signed(group(String(value), flags), flags) : wrong(conversion);
    case 'x':
    case 'X':
      return hexadecimal(value, conversion);
    case 'f':
      return value instanceof Decimal
        ? signed(group(value.value.toFixed(Math.min(100, Number(precision ?? 6))), flags), flags)
        : wrong(conversion);
    default:
      return wrong(conversion);
  }
}

function hexadecimal(value: unknown, conversion: string): string {
  if (!isInteger(value)) {
    return wrong(conversion);
  }
  const text = BigInt.asUintN(value < -0x80000000 ? 64 : 32, BigInt(value)).toString(16);
  const all = value > 0xffffffff ? BigInt(value).toString(16) : text;
  return conversion === 'X' ? all.toUpperCase() : all;
}

function wrong(conversion: string): never {
  return throwJava(`Illegal format conversion ${conversion}`);
}

function group(number: string, flags: string): string {
  return flags.includes(',') ? number.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',') : number;
}

function signed(number: string, flags: string): string {
  if (number.startsWith('-')) {
    return number;
  }
  return (flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + number;
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) {
    return text.padEnd(width);
  }
  if (!flags.includes('0')) {
    return text.padStart(width);
  }
  const sign = /^[+-]?/.exec(text)![0];
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
