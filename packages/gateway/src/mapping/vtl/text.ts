import { Decimal } from '../json-path/document.ts';
import { type Budget, spendOnText } from './budget.ts';
import { doubleText } from './double-text.ts';
import { HostObject } from './host-object.ts';
import { writeJson } from './json-text.ts';
import { stringCharactersMax, valueNestingMax } from './limits.ts';
import { TemplateError } from './template-error.ts';
import { Cursor, Entry, JsonList } from './values.ts';

/** Collects the pieces of a text and refuses to grow beyond its limit. */
export class TextWriter {
  readonly #budget: Budget;
  readonly #charactersMax: number;
  #characters = 0;
  #pieces: string[] = [];

  constructor(budget: Budget, charactersMax: number = stringCharactersMax) {
    this.#budget = budget;
    this.#charactersMax = charactersMax;
  }

  /** An empty writer that spends from the same budget. */
  fresh(): TextWriter {
    return new TextWriter(this.#budget);
  }

  write(piece: string): void {
    this.#characters += piece.length;
    if (this.#characters > this.#charactersMax) {
      throw new TemplateError(`Text is longer than ${this.#charactersMax} characters`);
    }
    spendOnText(this.#budget, piece.length);
    this.#pieces.push(piece);
  }

  toString(): string {
    return this.#pieces.join('');
  }
}

/** A value as Java's `toString` gives it: `{a=1, b=[x, y]}`, null as `null`. */
export function textOf(value: unknown, budget: Budget): string {
  if (typeof value === 'string') {
    return value;
  }
  const writer = new TextWriter(budget);
  writeText(writer, value);
  return writer.toString();
}

/** Writes the text of a value; `depth` counts the collections around it. */
export function writeText(writer: TextWriter, value: unknown, depth = 0): void {
  if (depth > valueNestingMax) {
    throw new TemplateError(`A value is nested more than ${valueNestingMax} deep`);
  }
  if (value instanceof JsonList) {
    writeJson(writer, value, depth);
  } else if (Array.isArray(value)) {
    writeList(writer, value, depth);
  } else if (value instanceof Map) {
    writeMap(writer, value, depth);
  } else if (value instanceof Entry) {
    writeText(writer, value.key, depth + 1);
    writer.write('=');
    writeText(writer, value.value, depth + 1);
  } else if (value instanceof Decimal) {
    writer.write(doubleText(value.value));
  } else if (value instanceof HostObject) {
    writer.write(value.text);
  } else if (value instanceof Cursor) {
    writer.write('java.util.Iterator');
  } else {
    writer.write(String(value));
  }
}

function writeList(writer: TextWriter, list: readonly unknown[], depth: number): void {
  writer.write('[');
  for (const [index, element] of list.entries()) {
    writer.write(index === 0 ? '' : ', ');
    writeElement(writer, element, list, '(this Collection)', depth);
  }
  writer.write(']');
}

function writeMap(writer: TextWriter, map: ReadonlyMap<unknown, unknown>, depth: number): void {
  writer.write('{');
  let first = true;
  for (const [key, value] of map) {
    writer.write(first ? '' : ', ');
    writeElement(writer, key, map, '(this Map)', depth);
    writer.write('=');
    writeElement(writer, value, map, '(this Map)', depth);
    first = false;
  }
  writer.write('}');
}

/** Java names a collection that holds itself instead of printing it. */
function writeElement(
  writer: TextWriter,
  element: unknown,
  around: unknown,
  itself: string,
  depth: number,
): void {
  if (element === around) {
    writer.write(itself);
  } else {
    writeText(writer, element, depth + 1);
  }
}
