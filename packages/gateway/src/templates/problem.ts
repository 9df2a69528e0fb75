import { z } from 'zod';
import { didYouMean } from './suggest.ts';

/** What is wrong with one value of a file, in words, and where. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

export type Path = readonly (string | number)[];

type Issue = z.core.$ZodIssue;

/** Values under these keys are never quoted in a message: people swap an id and its secret. */
const SECRET_KEYS = /secret|token|password|accessKeyId/i;
const SHOWN_CHARACTERS_MAX = 60;

/**
 * An object that takes these keys only; the message about another one suggests the nearest.
 * Every schema of a file is built from this, and gives its leaves `error: 'a URL'`: the words that
 * follow "expected". A check that needs a sentence of its own is a `custom` issue.
 */
export function strict<Shape extends z.ZodRawShape>(shape: Shape, expected = 'a mapping') {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? // One line per key, in the order of `keys`: taken apart again below.
          issue.keys.map((key: string) => didYouMean(key, Object.keys(shape))).join('\n')
        : expected,
  });
}

/** Every problem of `error`, in the order of the schema, worded for the person who wrote `input`. */
export function problemsOf(error: z.ZodError, input: unknown): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, [], input));
}

function problemsOfIssue(issue: Issue, base: Path, input: unknown): Problem[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    const hints = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      message: `unknown key${hints[index] ?? ''}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const branch = intendedBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => problemsOfIssue(inner, path, input));
  }
  if (issue.code === 'custom') return [{ path, message: issue.message }];
  const got = show(valueAt(input, path), path);
  const message =
    got === undefined
      ? `missing: expected ${issue.message}`
      : `expected ${issue.message}, got ${got}`;
  return [{ path, message }];
}

/** Of several forms, the one whose outer shape fits: its complaints are about what is inside. */
function intendedBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
}

/** `apis.chat.routes.$connect`, `users[0].accessKeys[1]`, `apis["my chat"]`. */
export function pathText(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[$\w@-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    input,
  );
}

/** A value in a few words; `undefined` when there is none. */
function show(value: unknown, path: Path): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (path.some((key) => SECRET_KEYS.test(String(key)))) return `a ${typeof value}`;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
