import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseJson } from '../../../src/mapping/vtl/parse-json.ts';
import { compileTemplate } from '../../../src/mapping/vtl/template.ts';

/** What Apache Velocity 1.7 rendered; see test/mapping/oracle. */
interface Recorded {
  readonly template: string;
  readonly output?: string;
  /** The Java exception with which it did not parse or failed. */
  readonly error?: string;
}

const handwritten: readonly Recorded[] = fixture('handwritten.json');
const generated: readonly Recorded[] = fixture('generated.json');
const variables = JSON.stringify((fixture('variables.json') as readonly object[])[0]);

test('there are enough recorded cases to mean something', () => {
  expect(handwritten.length).toBeGreaterThan(300);
  expect(generated.length).toBeGreaterThan(1000);
});

for (const recorded of handwritten) {
  test(`${recorded.template} renders as in Velocity`, () => {
    check(recorded);
  });
}

test('every generated case renders as in Velocity', () => {
  for (const recorded of generated) {
    check(recorded);
  }
});

function check({ template, output, error }: Recorded): void {
  const rendered = () => compileTemplate(template).render(scope(), { unresolved: 'literal' });
  if (error === undefined) {
    expect(rendered(), template).toBe(output);
  } else {
    expect(rendered, template).toThrow(expect.objectContaining({ name: 'TemplateError' }));
  }
}

/** Fresh variables, with lists that print as Java's and not as JSON. */
function scope(): Record<string, unknown> {
  return Object.fromEntries(asJava(parseJson(variables)) as Map<string, unknown>);
}

function asJava(value: unknown): unknown {
  if (Array.isArray(value)) {
    return Array.from(value, asJava);
  }
  return value instanceof Map
    ? new Map([...value].map(([name, each]) => [name, asJava(each)]))
    : value;
}

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));
}
