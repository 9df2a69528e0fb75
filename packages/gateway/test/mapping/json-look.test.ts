import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainJson, MemberLook } from '../../src/mapping/json-look.ts';

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
};

/** What may be said of some bytes: never more than `JSON.parse` says. */
function check(bytes: Buffer, names: readonly string[]): void {
  const value = parsed(bytes);
  if (isPlainJson(bytes)) expect(value).toBeTypeOf('object');
  for (const name of names) {
    const found = new MemberLook(name).textIn(bytes);
    if (found === undefined) continue;
    const object = value as Record<string, unknown>;
    expect(object).toBeTypeOf('object');
    expect(found).toBe(Object.hasOwn(object, name) ? object[name] : '');
  }
}

const names = ['action', 'a', '', '__proto__', 'x y'];
const keys = fc.oneof(fc.constantFrom(...names), fc.string());
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
  ),
})).value;
/** Objects as clients write them: closely, with blanks, over several lines. */
const texts = fc
  .tuple(fc.dictionary(keys, values, { maxKeys: 5 }), fc.constantFrom(undefined, 1, '\t'))
  .map(([object, space]) => JSON.stringify(object, null, space));

test('what JSON.parse reads is found as it reads it', () => {
  fc.assert(
    fc.property(texts, (text) => check(Buffer.from(text), names)),
    { numRuns: 3000 },
  );
});

test('what was spoilt in one place, or put together of pieces, is never taken for more', () => {
  const pieces = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"', '\\', '"a"', '"action"', '"\\u0061"', '"a":1'],
    ...[
      'true',
      'nul',
      'null',
      '0',
      '01',
      '-',
      '-0',
      '1.',
      '.5',
      '1.50',
      '1e5',
      'é',
      ' ',
      '\n',
      '\0',
    ],
  );
  const spoilt = fc
    .tuple(texts, fc.nat(), pieces, fc.nat({ max: 2 }))
    .map(([text, at, piece, gone]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + piece + text.slice(place + gone);
    });
  const joined = fc.array(pieces, { maxLength: 12 }).map((some) => `{${some.join('')}}`);
  fc.assert(
    fc.property(fc.oneof(spoilt, joined), (text) => check(Buffer.from(text), names)),
    { numRuns: 6000 },
  );
});

test('bytes that are no text are looked at as the text that is made of them', () => {
  const bytes = fc
    .tuple(texts, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 }))
    .map(([text, at, some]) => {
      const place = at % (text.length + 1);
      return Buffer.concat([
        Buffer.from(text.slice(0, place)),
        some,
        Buffer.from(text.slice(place)),
      ]);
    });
  fc.assert(
    fc.property(bytes, (some) => check(some, names)),
    { numRuns: 3000 },
  );
});

const look = (text: string, name = 'action') => new MemberLook(name).textIn(Buffer.from(text));

test('the usual messages need no parsing', () => {
  const text =
    '{"action": "send", "to": ["a", {"b": null}], "n": -1.5, "text": "line\\nline, é \\"x\\""}';
  expect(isPlainJson(Buffer.from(text))).toBe(true);
  expect(look(text)).toBe('send');
  expect(look(text, 'room')).toBe('');
  expect(look('{"text":"é","action":"grüße"}')).toBe('grüße');
  expect(look(' {\r\n\t"action" : "" } ')).toBe('');
  expect(look('{}')).toBe('');
});

test('of members with one name the last counts, and one that lies deeper does not', () => {
  expect(look('{"action":"one","action":"two"}')).toBe('two');
  expect(look('{"action":1,"action":"two"}')).toBe('two');
  expect(look('{"action":"one","action":2}')).toBeUndefined();
  expect(look('{"inner":{"action":"one"}}')).toBe('');
});

test('whatever could be read otherwise is left to JSON.parse', () => {
  for (const text of [
    '',
    ' ',
    '[]',
    '"action"',
    '{"action":"s\\u0065nd"}',
    '{"action":"a\\nb"}',
    '{"\\u0061ction":"send"}',
    '{"action":{}}',
    '{"action":"send"',
    '{"action":"send"}}',
    '{"action":"send",}',
    '{"action":"send" "b":1}',
    '{"action":"send","n":01}',
    '{"action":"a\tb"}',
    `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`,
  ]) {
    expect(look(text)).toBeUndefined();
  }
  expect(isPlainJson(Buffer.from(`${'{"a":'.repeat(32)}1${'}'.repeat(32)}`))).toBe(true);
  expect(isPlainJson(Buffer.from(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`))).toBe(false);
});
