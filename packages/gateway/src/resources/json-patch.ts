/**
 * `patchOperations`, the body of every PATCH of the v1 API: a list of operations on paths, as JSON Patch
 * has them, with values that are always text (API Gateway v1 reference, "PatchOperation").
 */
import { badRequest } from './problems.ts';
import { isObject } from './read-fields.ts';
import { type Dictionary, own } from './record.ts';

export interface PatchOperation {
  readonly op: PatchWord;
  readonly path: string;
  readonly value: string;
}

const patchWords = ['add', 'remove', 'replace'] as const;
export type PatchWord = (typeof patchWords)[number];

/** Which paths each operation may name. */
export type PatchPaths = Partial<Readonly<Record<PatchWord, readonly string[]>>>;

/** How many operations one request may hold, and how long a value of them may be. */
const OPERATIONS_MAX = 300;
const valueLengthMax = 2048;

/** The operations a body holds, in their order. Throws for a path that is not among `paths`. */
export function readPatchOperations(
  body: Dictionary<unknown>,
  paths: PatchPaths,
): PatchOperation[] {
  const list = own(body, 'patchOperations') ?? [];
  if (!Array.isArray(list)) throw badRequest('Invalid patchOperations specified. Must be a list');
  if (list.length > OPERATIONS_MAX) {
    throw badRequest(
      `Invalid patchOperations specified. Must have at most ${OPERATIONS_MAX} entries`,
    );
  }
  return list.map((entry) => readOperation(entry, paths));
}

function readOperation(entry: unknown, paths: PatchPaths): PatchOperation {
  const members = isObject(entry) ? entry : {};
  const [op, path, value] = ['op', 'path', 'value'].map((name) => own(members, name) ?? '');
  if (typeof op !== 'string' || typeof path !== 'string' || typeof value !== 'string') {
    throw badRequest('Invalid patchOperations specified. op, path and value must be strings');
  }
  if (value.length > valueLengthMax) {
    throw badRequest(`Invalid value specified. Must be at most ${valueLengthMax} characters long`);
  }
  const word = patchWords.find((each) => each === op);
  const allowed = (word && paths[word]) ?? [];
  if (word && allowed.includes(path)) return { op: word, path, value };
  throw badRequest(
    // The two blanks are AWS's.
    `Invalid patch path  '${path}' specified for op '${op}'. Must be one of: [${allowed.join(', ')}]`,
  );
}

/**
 * What operations that replace whole members ask for, as the body of an update: `/name` becomes
 * `name`, and text becomes what the member holds.
 */
export function replacedMembers(
  operations: readonly PatchOperation[],
  kinds: Readonly<Record<string, 'text' | 'flag'>>,
): Dictionary<unknown> {
  return Object.fromEntries(
    operations.map(({ path, value }) => {
      const name = path.slice(1);
      return [name, kinds[name] === 'flag' ? flagOf(value) : value];
    }),
  );
}

/** `true` and `false` in any case; other text stays, and is then refused by its field's rule. */
function flagOf(text: string): unknown {
  const word = text.toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : text;
}

/** A number a value spells; other text stays, and is then refused by its field's rule. */
export function numberOf(text: string): unknown {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
