import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Variables } from '../../../src/templates/serverless/variables.ts';
import { Places } from '../../../src/templates/source/places.ts';
import { ProjectFiles } from '../../../src/templates/source/project-files.ts';
import { readTree } from '../../../src/templates/source/read-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HEAD = `
provider: { stage: dev, region: eu-west-1, list: [a, b], empty: '' }
params: { default: { colour: red, size: 1 }, prod: { colour: blue } }
stages: { default: { params: { shape: round } } }
custom:
  name: chat
  alias: \${self:custom.name}
  deep:
    of: \${self:custom.alias}-\${self:provider.stage}
  key: deep
  flag: 'true'
value: `;

/** The value of an expression written after \`value: \`. */
function resolve(expression: string, options: Record<string, string> = {}): unknown {
  const places = new Places();
  const root = readTree(`${HEAD}${expression}\n`, { file: 's.yml', places, hasShortTags: true });
  const variables = new Variables({
    root: root as Record<string, unknown>,
    places,
    files: new ProjectFiles(folder),
    options,
    env: { HOME_TOWN: 'Berlin' },
    account: '123456789012',
  });
  return variables.resolveAll().value;
}

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe('a variable', () => {
  test.each<readonly [string, unknown]>([
    ['plain', 'plain'],
    ['${self:custom.name}', 'chat'],
    ['${self:custom.deep.of}', 'chat-dev'],
    ['${self:custom.${self:custom.key}.of}', 'chat-dev'],
    ['${self:provider.list}', ['a', 'b']],
    ['${self:provider.list.1}', 'b'],
    ['x-${self:custom.name}-${opt:stage, self:provider.stage}', 'x-chat-dev'],
    ["${opt:nothing, 'a, b'}", 'a, b'],
    ['${opt:nothing, 5}', 5],
    ['${opt:nothing, true}', true],
    ['${opt:nothing, null}', null],
    ['"${opt:nothing, \'\'}"', ''],
    ["${opt:nothing, ${env:NOTHING, 'last'}}", 'last'],
    ['${opt:nothing, env:HOME_TOWN}', 'Berlin'],
    ['${env:HOME_TOWN}', 'Berlin'],
    ['${param:colour}', 'red'],
    ['${param:shape}', 'round'],
    ['${sls:stage}', 'dev'],
    ['${aws:region}', 'eu-west-1'],
    ['${aws:accountId}', '123456789012'],
    ['${strToBool(${self:custom.flag})}', true],
    ['${strToBool(0)}', false],
    ["${ssm:/secret, 'local'}", 'local'],
    ["${cf:other.Output, 'local'}", 'local'],
    ['"${AWS::Region} ${Resource} ${Resource.Arn}"', '${AWS::Region} ${Resource} ${Resource.Arn}'],
    ['"a \\\\${self:custom.name} b"', 'a ${self:custom.name} b'],
    ['!Sub "${AWS::Region}-${self:custom.name}"', { 'Fn::Sub': '${AWS::Region}-chat' }],
    ['$request.body.action', '$request.body.action'],
  ])('%s', (expression, expected) => {
    expect(resolve(expression)).toEqual(expected);
  });

  test('options decide the stage, and with it the parameters', () => {
    expect(resolve('${param:colour} ${sls:stage}', { stage: 'prod' })).toBe('blue prod');
    expect(resolve('${param:size}', { stage: 'prod' })).toBe(1);
    expect(resolve('${param:colour}', { 'param.colour': 'green' })).toBe('green');
    expect(resolve('${opt:mine}', { mine: 'yes' })).toBe('yes');
  });

  test('files of the project: YAML, JSON, text, and variables inside them', () => {
    write('a.yml', 'dev:\n  timeout: 5\n  name: ${self:custom.name}\n  ref: !Ref X\n');
    write('b/c.json', '{"list": ["${file(a.yml):dev.name}"]}');
    write('note.txt', ' hello\n');
    expect(resolve('${file(a.yml):dev.timeout}')).toBe(5);
    expect(resolve('${file(./a.yml):${self:provider.stage}}')).toEqual({
      timeout: 5,
      name: 'chat',
      ref: { Ref: 'X' },
    });
    expect(resolve('${file(b/c.json)}')).toEqual({ list: ['chat'] });
    expect(resolve('${file(note.txt)}')).toBe('hello');
    expect(resolve("${file(none.yml):x, 'fallback'}")).toBe('fallback');
    expect(resolve("${file(a.yml):prod.timeout, 'fallback'}")).toBe('fallback');
  });
});

describe('is refused with its place:', () => {
  const PLACE = `s.yml:${HEAD.split('\n').length}:1: value: `;

  test.each([
    ['${self:custom.nothing}', '${self:custom.nothing} has no value'],
    ['${opt:stage}', '${opt:stage} has no value: --opt stage=…'],
    ['${env:NOTHING}', '${env:NOTHING} has no value: set it in the environment'],
    [
      '${ssm:/secret}',
      '${ssm:/secret} has no value: ssm asks AWS, which is not asked here. Give it a fallback',
    ],
    ['${self:value}', 'value depends on itself'],
    [
      'x ${self:custom.deep} y',
      '${self:custom.deep} is not text, and there is other text beside it',
    ],
    ['${what:ever}', 'unknown source of variables "what"'],
    ['${self:custom.name', 'the variable ${self:custom.name does not end'],
    ['${opt:x, fallback}', '"fallback" is no source of a variable: text must be in quotes'],
    ['${strToBool(maybe)}', 'strToBool takes true, false, 1 or 0'],
    ['${file()}', 'file() needs a path'],
    ['${file(code.js)}', 'code.js is a program, and is not run: write it as YAML or JSON'],
    ['${file(../outside.yml)}', 'is outside of'],
    ['${file(link.yml)}', 'is outside of'],
    ['${file(big.txt)}', 'is larger than 1048576 bytes'],
  ])('%s', (expression, message) => {
    const outside = mkdtempSync(join(tmpdir(), 'postern-test-'));
    writeFileSync(join(outside, 'secret.yml'), 'a: 1');
    writeFileSync(join(folder, '..', 'outside.yml'), 'a: 1');
    symlinkSync(join(outside, 'secret.yml'), join(folder, 'link.yml'));
    write('big.txt', 'x'.repeat(1_048_577));
    try {
      expect(() => resolve(expression)).toThrow(message);
      expect(() => resolve(expression)).toThrow(PLACE);
    } finally {
      rmSync(outside, { recursive: true });
      rmSync(join(folder, '..', 'outside.yml'));
    }
  });

  test('files that include each other', () => {
    write('a.yml', 'x: ${file(b.yml):x}');
    write('b.yml', 'x: ${file(a.yml):x}');
    expect(() => resolve('${file(a.yml):x}')).toThrow('depends on itself');
  });

  test('a problem inside a file is told with that file', () => {
    write('a.yml', 'x: 1\ny: ${self:custom.none}');
    expect(() => resolve('${file(a.yml)}')).toThrow(/a\.yml:2:1: y: /);
    write('bad.yml', 'x: [');
    expect(() => resolve('${file(bad.yml)}')).toThrow(/bad\.yml:1:/);
  });

  test('text that grows without end', () => {
    const lines = ['v0: aaaaaaaaaa'];
    for (let index = 1; index < 8; index++) {
      lines.push(`v${index}: "${`\${self:bomb.v${index - 1}}`.repeat(10)}"`);
    }
    const bomb = `\${self:bomb.v7}\nbomb:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    expect(() => resolve(bomb)).toThrow(/longer than 1048576 characters|no end to its variables/);
  });

  test('lists that grow without end', () => {
    const lines = ['v0: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
    for (let index = 1; index < 8; index++) {
      const item = `\${self:bomb.v${index - 1}}`;
      lines.push(`v${index}: [${Array(10).fill(`"${item}"`).join(', ')}]`);
    }
    const bomb = `\${self:bomb.v7}\nbomb:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    expect(() => resolve(bomb)).toThrow('no end to its variables');
  });
});
