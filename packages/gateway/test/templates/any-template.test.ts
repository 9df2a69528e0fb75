/** Whatever is in a template, it is loaded or refused in words: nobody meets a stack trace. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApplyError } from '../../src/templates/control-client.ts';
import { TemplateError } from '../../src/templates/source/template-error.ts';
import { loadFile } from './support/loaded.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const FIXTURES = join(import.meta.dirname, 'fixtures');
const files = {
  SAM: 'sam/everything.yaml',
  'Serverless Framework': 'serverless/everything/serverless.yml',
  CloudFormation: 'cdk/everything.out/Sockets.template.json',
  AsyncAPI: 'asyncapi/chat.yaml',
  'postern.yaml': 'postern/postern.yaml',
};

/** What somebody may leave, or write, where something else belongs. */
const odd = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'text',
  '$default',
  '${Api}',
  '${',
  [],
  ['a'],
  {},
  { a: 1 },
  { Ref: 'Api' },
  { Ref: 'Nothing' },
  { Ref: 5 },
  { Ref: [] },
  { 'Fn::GetAtt': [] },
  { 'Fn::GetAtt': 'a' },
  { 'Fn::Join': ['-'] },
  { 'Fn::Join': ['-', { Ref: 'AWS::NoValue' }] },
  { 'Fn::If': ['a'] },
  { 'Fn::Sub': [] },
  { 'Fn::Sub': ['${a}', 5] },
  { 'Fn::Select': ['x', []] },
  { 'Fn::FindInMap': ['a', 'b'] },
  { 'Fn::Split': [] },
  { 'Fn::ImportValue': { Ref: 'Api' } },
  { 'Fn::Cidr': [] },
  { 'Fn::Length': 1 },
  { Condition: 'x' },
  { $ref: '#/a' },
);

/** Puts `value` at the place a path of fractions leads to: each chooses one of the entries there. */
function put(root: unknown, path: readonly number[], value: unknown): unknown {
  const [fraction, ...rest] = path;
  if (fraction === undefined || typeof root !== 'object' || root === null) return value;
  const keys = Object.keys(root);
  if (keys.length === 0) return value;
  const key = keys[Math.floor(fraction * keys.length)]!;
  const copy = (Array.isArray(root) ? [...root] : { ...root }) as Record<string, unknown>;
  copy[key] = put(copy[key], rest, value);
  return copy;
}

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const change = fc.tuple(fc.array(fraction, { minLength: 1, maxLength: 6 }), odd);

test.each(Object.entries(files))('%s', (_, name) => {
  // Short tags are lost, so references become texts: what is then there is a template all the same.
  const original = parse(readFileSync(join(FIXTURES, name), 'utf8'), { logLevel: 'silent' });
  let refused = 0;
  const property = fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
    const text = JSON.stringify(
      changes.reduce((tree, [path, value]) => put(tree, path, value), original),
    );
    const path = join(folder, 'template.json');
    writeFileSync(path, text);
    try {
      loadFile(path);
    } catch (error) {
      if (!(error instanceof TemplateError) && !(error instanceof ApplyError)) throw error;
      expect(error.message).not.toMatch(/undefined|\[object|NaN/);
      refused += 1;
    }
  });
  fc.assert(property, { seed: 20_260_102, numRuns: 60 });
  expect(refused).toBeGreaterThan(0);
});
