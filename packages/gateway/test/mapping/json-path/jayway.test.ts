import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileJsonPath } from '../../../src/mapping/json-path/json-path.ts';

/** What Jayway JsonPath 2.0.0 answered; see test/mapping/oracle. */
interface Recorded {
  readonly path: string;
  readonly document?: unknown;
  readonly definite?: boolean;
  readonly value?: unknown;
  /** Reading failed: nothing there, or, inside an indefinite path, a branch that missed. */
  readonly missing?: string;
  /** The path did not compile. */
  readonly invalid?: string;
}

const handwritten = fixture('handwritten.json');
const generated = fixture('generated.json');
const [document] = fixture('document.json') as [unknown];

test('there are enough recorded cases to mean something', () => {
  expect(handwritten.length).toBeGreaterThan(150);
  expect(generated.length).toBeGreaterThan(300);
});

for (const recorded of handwritten) {
  test(`${recorded.path} reads as in Jayway`, () => {
    check({ document, ...recorded });
  });
}

test('every generated case reads as in Jayway', () => {
  for (const recorded of generated) {
    check(recorded);
  }
});

function check(recorded: Recorded): void {
  if (recorded.invalid !== undefined) {
    expect(() => compileJsonPath(recorded.path), recorded.path).toThrow(
      expect.objectContaining({ name: 'JsonPathError' }),
    );
    return;
  }
  const path = compileJsonPath(recorded.path);
  const value = path.read(recorded.document);
  if (recorded.missing === undefined) {
    expect(path.definite, recorded.path).toBe(recorded.definite);
    expect(value, recorded.path).toEqual(recorded.value);
  } else if (path.definite) {
    expect(value, recorded.path).toBe(undefined);
  } else {
    // Jayway 2.0.0 gives up where its later versions, and we, leave the branch out.
    expect(Array.isArray(value), recorded.path).toBe(true);
  }
}

function fixture(name: string): readonly Recorded[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));
}
