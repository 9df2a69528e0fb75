import { Decimal } from '../json-path/document.ts';
import { doubleText } from './double-text.ts';
import { valueNestingMax } from './limits.ts';
import { TemplateError } from './template-error.ts';
import { type TextWriter, writeText } from './text.ts';
import { isInteger } from './values.ts';

/** Writes a value as JSON without blanks. What JSON cannot say is written as a string. */
export function writeJson(writer: TextWriter, value: unknown, depth = 0): void {
  if (depth > valueNestingMax) {
    throw new TemplateError(`A value is nested more than ${valueNestingMax} deep`);
  }
  if (Array.isArray(value)) {
    writer.write('[');
    for (const [index, element] of value.entries()) {
      writer.write(index === 0 ? '' : ',');
      writeJson(writer, element, depth + 1);
    }
    writer.write(']');
  } else if (value instanceof Map) {
    writeMap(writer, value, depth);
  } else if (value instanceof Decimal && Number.isFinite(value.value)) {
    writer.write(doubleText(value.value));
  } else if (value === null || typeof value === 'boolean' || isInteger(value)) {
    writer.write(String(value));
  } else {
    writeString(writer, value, depth);
  }
}

function writeMap(writer: TextWriter, map: ReadonlyMap<unknown, unknown>, depth: number): void {
  writer.write('{');
  let first = true;
  for (const [key, value] of map) {
    writer.write(first ? '' : ',');
    writeString(writer, key, depth);
    writer.write(':');
    writeJson(writer, value, depth + 1);
    first = false;
  }
  writer.write('}');
}

function writeString(writer: TextWriter, value: unknown, depth: number): void {
  if (typeof value === 'string') {
    writer.write(JSON.stringify(value));
    return;
  }
  const inner = writer.fresh();
  writeText(inner, value, depth + 1);
  writer.write(JSON.stringify(inner.toString()));
}
