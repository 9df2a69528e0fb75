import { expect, test } from 'vitest';
import { compileTemplate } from '../../../src/mapping/vtl/template.ts';

/** Where we differ from Velocity 1.7 on purpose, and where Velocity loses text by accident. */
const rendered: Readonly<Record<string, string>> = {
  // API Gateway prints nothing for a reference that leads nowhere.
  '[$none] [$none.a.b()] [${none}] [$!none]': '[] [] [] []',
  '#set($x = "a" + $none)$x': 'a',
  '#set($x = "$none")[$x]': '[]',
  '\\$none \\\\$none': '\\$none \\',
  '#macro(m $x)[$x]#end#m($none)': '[]',
  // A Java array prints with its address; ours as a list.
  '#set($x = "a-b")$x.split("-")': '[a, b]',
  // Velocity swallows these signs in front of #set.
  'a # #set($x = 1)b': 'a #b',
  '$ #set($x = 1)$x': '$1',
  // Velocity takes a bracket after #set for an index of the reference before it.
  '#set($y = 1)$y #set($x = 1)[$x]': '1[1]',
  // Velocity loses the name in braces that follow a reference.
  '#set($x = 1)$x{a}': '1{a}',
  // Text in parentheses after an unknown directive has to be arguments for Velocity.
  '#tag (see: 1 + 1)': '#tag (see: 1 + 1)',
};

for (const [template, output] of Object.entries(rendered)) {
  test(`${template} renders ${JSON.stringify(output)}`, () => {
    expect(compileTemplate(template).render({})).toBe(output);
  });
}

const refused = [
  '#evaluate("$x")',
  '#parse("x")',
  '#include("x")',
  '#@m()x#end',
  '#foreach($x $list)#end',
  '#foreach("x" in $list)#end',
  '#macro(m $x)$x#end#m(word)',
];

for (const template of refused) {
  test(`${template} does not compile`, () => {
    expect(() => compileTemplate(template)).toThrow(
      expect.objectContaining({ name: 'TemplateError' }),
    );
  });
}

test('an error names line and column', () => {
  expect(() => compileTemplate('{\n  "a": $x,\n  #if($x = 1)\n#end')).toThrow(
    'Expected ), found "=" at 3:10',
  );
  expect(() => compileTemplate('a\n#end')).toThrow(
    '#end without a block it could belong to at 2:5',
  );
  expect(() => compileTemplate('\n$s.substring(9)').render({ s: 'x' })).toThrow('at 2:1');
});
