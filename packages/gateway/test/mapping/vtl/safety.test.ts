import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../../src/mapping/json-path/document.ts';
import { inputObject, noParameters } from '../../../src/mapping/vtl/input.ts';
import { parseJson } from '../../../src/mapping/vtl/parse-json.ts';
import { compileTemplate, type RenderOptions } from '../../../src/mapping/vtl/template.ts';
import { TemplateError } from '../../../src/mapping/vtl/template-error.ts';
import { utilObject } from '../../../src/mapping/vtl/util.ts';

function render(template: string, options: RenderOptions = {}): string {
  const variables = {
    s: 'text',
    n: 5,
    list: [1, 2],
    map: new Map<unknown, unknown>([['a', 1]]),
    input: inputObject('{"a":[1,{"b":"x"}]}', noParameters),
    util: utilObject,
  };
  return compileTemplate(template).render(variables, options);
}

/** Each would run for ever, or until there is no memory left. */
const endless: Readonly<Record<string, string>> = {
  'nested loops':
    '#foreach($a in [1..999])#foreach($b in [1..999])#foreach($c in [1..999])#end#end#end',
  'a string that doubles': '#foreach($i in [1..900])#set($s = $s + $s)#end',
  'an interpolation that doubles': '#foreach($i in [1..900])#set($s = "$s$s")#end',
  'a list that doubles': '#foreach($i in [1..900])$list.addAll($list)#end',
  'a map that holds lists of itself':
    '#foreach($i in [1..60])#set($list = [$list, $list])#end$list',
  'a number that squares': '#set($n = 10)#foreach($i in [1..900])#set($n = $n * $n)#end',
  'a range of everything': '#set($x = [0..2147483647])',
  'a replacement that grows': '#foreach($i in [1..900])#set($s = $s.replaceAll("", "$s"))#end',
  'a literal replacement that grows': '#foreach($i in [1..900])#set($s = $s.replace("", $s))#end',
  'a pattern that backtracks':
    '#foreach($i in [1..12])#set($s = "$s$s")#end$s.matches("(t|e|x|te|xt)*b")',
  'a macro that calls itself': '#macro(m)#m()#end#m()',
  'macros that call each other twice':
    '#macro(a)#b()#b()#end#macro(b)#c()#c()#end#macro(c)#a()#a()#end#a()',
  'arguments evaluated over and over': ['a', 'b', 'c', 'd', 'e', 'f']
    .map((name, index, all) => {
      const inner = all[index - 1];
      const body = inner === undefined ? '$x$x$x$x' : `#${inner}("$x$x$x$x$x$x$x$x")`;
      return `#macro(${name} $x)${body}#end`;
    })
    .concat('#f("$s$s$s$s$s$s$s$s")')
    .join(''),
  'a list within itself': '#set($x = [[]])$x[0].add($x)$x',
  'lists that are compared for ever':
    '#set($a = [])#set($b = [])$a.add($b)$b.add($a)#if($a == $b)#end',
  'a wide format': '#foreach($i in [1..900])#set($s = $s.format("%1000s%1000s", $s, $s))#end',
  'a joined list': '#foreach($i in [1..900])#set($s = $s.join($s, ["a", "b", "c"]))#end',
};

for (const [what, template] of Object.entries(endless)) {
  test(`${what} ends with a TemplateError within its budget`, () => {
    const start = process.cpuUsage();
    expect(() => render(template)).toThrow(TemplateError);
    // Generous on purpose: it tells seconds from for ever. What others do on this machine does not count.
    expect(process.cpuUsage(start).user).toBeLessThan(10_000_000);
  });
}

test('a template stops at its steps and at its output, and not before', () => {
  const template = '#foreach($i in [1..100])0123456789#end';
  expect(render(template, { outputCharactersMax: 1000 })).toHaveLength(1000);
  expect(() => render(template, { outputCharactersMax: 999 })).toThrow(
    'longer than 999 characters',
  );
  expect(render(template, { stepsMax: 2000 })).toHaveLength(1000);
  expect(() => render(template, { stepsMax: 200 })).toThrow('more than 200 steps');
});

test('a template too long or nested too deep does not compile', () => {
  expect(() => compileTemplate('x'.repeat(300 * 1024 + 1))).toThrow('longer than 307200');
  const nested = (levels: number) => `${'#if($x)'.repeat(levels)}${'#end'.repeat(levels)}`;
  expect(compileTemplate(nested(60)).render({})).toBe('');
  expect(() => compileTemplate(nested(70))).toThrow('nested more than 64 deep');
  for (const bracket of ['[', '(', '{"a":', '!', '"$x.get(', '$x.get(', '$x[$y']) {
    const text = `#set($x = ${bracket.repeat(5000)}`;
    expect(() => compileTemplate(text)).toThrow(TemplateError);
  }
  expect(render(`#set($x = 1${' + 1'.repeat(20_000)})$x`)).toBe('20001');
});

const names =
  'constructor prototype toString valueOf hasOwnProperty length class getClass bind call apply push then next properties methods text value elements body'.split(
    ' ',
  );
const hidden = ['__proto__', '__defineGetter__', '__lookupGetter__', ...names];
const variables = ['s', 'n', 'list', 'map', 'input', 'util', 'none', 'foreach'];

/** Names of both worlds, which mean Java's here. */
const java = new Set([
  ...['s.toString()', 's.valueOf("x")', 's.length()', 'n.toString()', 'n.valueOf("5")'],
  ...['list.toString()', 'map.toString()', 'input.body'],
]);

test('no member of a JavaScript object is reachable under any name', () => {
  for (const variable of variables) {
    const members = names.flatMap((name) => [`.${name}`, `.${name}()`, `.${name}("x")`]);
    const places = hidden.map((name) => `["${name}"]`);
    for (const reference of [...members, ...places].map((member) => variable + member)) {
      if (!java.has(reference) && reference !== 'n.valueOf("x")') {
        expect(render(`$${reference}`), reference).toBe('');
      }
    }
    for (const member of [...names.map((name) => `.${name}`), ...places]) {
      expect(render(`#set($${variable}${member} = 1)`), member).toBe('');
    }
  }
  expect(({} as Record<string, unknown>).polluted).toBe(undefined);
  expect(render('#set($map["__proto__"] = {"polluted": 1})$map.polluted')).toBe('');
  expect(render('$util.parseJson(\'{"__proto__":{"x":1}}\').x')).toBe('');
});

test('JSON is parsed as JSON.parse parses it, and nothing else is', () => {
  const back = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return Array.from(value, back);
    }
    if (value instanceof Map) {
      return Object.fromEntries([...value].map(([name, each]) => [name, back(each)]));
    }
    if (typeof value === 'bigint') {
      return Number(value);
    }
    return value instanceof Decimal ? value.value : value;
  };
  const same = (value: unknown) => {
    const text = JSON.stringify(value);
    expect(JSON.stringify(back(parseJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
  };
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), same), { numRuns: 500, seed: 3 });
  for (const wrong of [
    '',
    '{',
    '[1,]',
    '{"a"}',
    "{'a':1}",
    '01',
    '1.',
    'tru',
    '"\n"',
    '1 2',
    'NaN',
  ]) {
    expect(parseJson(wrong), wrong).toBe(undefined);
  }
  expect(parseJson('['.repeat(401) + ']'.repeat(401))).toBe(undefined);
});

test('no text and no value make anything but a TemplateError', () => {
  const piece = fc.constantFrom(
    ...[
      '$',
      '$!',
      '${',
      '}',
      '.',
      '(',
      ')',
      '[',
      ']',
      '{',
      '#',
      '##',
      '#*',
      '*#',
      '#[[',
      ']]#',
      '\\',
    ],
    ...['#if(', '#set(', '#foreach(', '#macro(', '#define(', '#end', '#else', '#elseif(', '#{end}'],
    ...['$s', '$n', '$list', '$map', '$x', ' in ', ' = ', ' == ', ' + ', '-', '*', '/', '%', '!'],
    ...[
      '"',
      "'",
      ',',
      ':',
      '..',
      '1',
      '1.5',
      'true',
      'm',
      ' ',
      '\n',
      '.size()',
      '.get(',
      '.a',
      '&&',
    ],
    ...['.replaceAll("(a+)+", "$1")', '.split("")', "$input.json('$..a')", '$util.parseJson($s)'],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 16 }).map((all) => all.join('')),
    fc.string(),
  );
  const attempt = (template: string) => {
    try {
      render(template, { stepsMax: 20_000, outputCharactersMax: 20_000 });
    } catch (error) {
      if (!(error instanceof TemplateError)) {
        throw error;
      }
    }
  };
  const examples = { numRuns: 4000, seed: 11 };
  fc.assert(fc.property(text, attempt), examples);
});
