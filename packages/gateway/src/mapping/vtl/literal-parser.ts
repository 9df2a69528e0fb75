import { Decimal } from '../json-path/document.ts';
import type { Expression } from './nodes.ts';
import { parseWhole } from './parser.ts';
import { fail, openString, positionOf, type Source, takeMatch, unexpected } from './source.ts';
import { integer } from './values.ts';

/** A string, a number, `true` or `false`. */
export function parseLiteral(source: Source): Expression {
  const quote = source.text[source.at];
  if (quote === '"' || quote === "'") {
    return parseString(source, quote);
  }
  const decimal = takeMatch(
    source,
    /-?(?:\d+\.(?!\.)\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)/y,
  );
  if (decimal !== undefined) {
    return { kind: 'literal', value: new Decimal(Number(decimal)) };
  }
  const digits = takeMatch(source, /-?\d{1,1000}/y);
  if (digits !== undefined) {
    return { kind: 'literal', value: integer(BigInt(digits)) };
  }
  const word = takeMatch(source, /(?:true|false)(?![a-zA-Z0-9_@-])/y);
  return word === undefined
    ? unexpected(source, 'a value')
    : { kind: 'literal', value: word === 'true' };
}

/** A quote inside is written twice; double quotes let references and directives work inside. */
function parseString(source: Source, quote: string): Expression {
  const start = source.at;
  let end = source.text.indexOf(quote, start + 1);
  while (end !== -1 && source.text[end + 1] === quote) {
    end = source.text.indexOf(quote, end + 2);
  }
  if (end === -1) {
    fail(source, 'String is not closed', start);
  }
  source.at = end + 1;
  const text = source.text.slice(start + 1, end).replaceAll(quote + quote, quote);
  if (quote === "'") {
    return { kind: 'literal', value: text };
  }
  const unescaped = text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (!/[$#]/.test(unescaped)) {
    return { kind: 'literal', value: unescaped };
  }
  return {
    kind: 'interpolation',
    body: parseWhole(openString(source, unescaped, positionOf(source, start))),
  };
}
