import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileJsonSchema, SchemaError } from '../../../src/mapping/json-schema/json-schema.ts';

/** The official test suite of JSON Schema, draft 4, without the schemas that have to be fetched. */
interface Group {
  readonly about: string;
  readonly schema: unknown;
  readonly tests: readonly { about: string; data: unknown; valid: boolean }[];
}

const url = new URL('fixtures/official-draft-4.json', import.meta.url);
const groups = JSON.parse(readFileSync(url, 'utf8')) as Group[];

/** Refers to the schema of schemas, which models cannot be held against on AWS either. */
const REMOTE = /remote ref, containing refs itself|definitions: (?:in)?valid definition/;

test.each(groups.filter(({ about }) => !REMOTE.test(about)))('$about', ({ schema, tests }) => {
  const compiled = compileJsonSchema({ url: 'https://models.example/root', schema });
  for (const { about, data, valid } of tests) {
    expect(compiled.validate(data) === undefined, about).toBe(valid);
  }
});

test('a schema that refers to what is not there cannot be used', () => {
  const remote = groups.filter(({ about }) => REMOTE.test(about));
  expect(remote.length).toBeGreaterThan(0);
  for (const { schema } of remote) {
    expect(() => compileJsonSchema({ url: 'https://models.example/root', schema })).toThrow(
      SchemaError,
    );
  }
});
