/** Functions that make text and lists of text: Join, Split, Select, Sub, Base64, ToJsonString, Length. */
import { didYouMean } from '../suggest.ts';
import { referencesIn, whenKnown } from './deferred.ts';
import { type Intrinsic, type IntrinsicCall, textOf } from './intrinsic.ts';

export const join: Intrinsic = (call) => {
  const [delimiter, list] = pair(call, 'a delimiter and a list');
  if (typeof delimiter !== 'string') throw call.fail('the delimiter must be text', 0);
  return whenKnown(call.evaluate(list, 1), (known) =>
    listOf(call, known, 1)
      .map((item, index) => textIn(call, item, 1, index))
      .join(delimiter),
  );
};

export const split: Intrinsic = (call) => {
  const [delimiter, source] = pair(call, 'a delimiter and a text');
  if (typeof delimiter !== 'string' || delimiter === '') {
    throw call.fail('the delimiter must be text, and not empty', 0);
  }
  return whenKnown(call.evaluate(source, 1), (known) => textIn(call, known, 1).split(delimiter));
};

export const select: Intrinsic = (call) => {
  const [index, list] = pair(call, 'an index and a list');
  const values = [call.evaluate(index, 0), call.evaluate(list, 1)];
  return whenKnown(values, (known) => {
    const [at, items] = known as [unknown, unknown];
    const number = Number(textOf(at) || Number.NaN);
    if (!Number.isInteger(number)) throw call.fail('the index must be a whole number', 0);
    const all = listOf(call, items, 1);
    if (number < 0 || number >= all.length) {
      throw call.fail(`there is no item ${number}: the list has ${all.length}`, 0);
    }
    return all[number];
  });
};

export const base64: Intrinsic = (call) =>
  whenKnown(call.evaluate(call.argument), (known) =>
    Buffer.from(textIn(call, known)).toString('base64'),
  );

export const toJsonString: Intrinsic = (call) => {
  if (typeof call.argument !== 'object') throw call.fail('takes a mapping or a list');
  return whenKnown(call.evaluate(call.argument), (known) => JSON.stringify(known));
};

export const length: Intrinsic = (call) =>
  whenKnown(call.evaluate(call.argument), (known) => listOf(call, known).length);

const PLACEHOLDER = /\$\{([^}]*)\}/g;

export const sub: Intrinsic = (call) => {
  const isList = Array.isArray(call.argument);
  const [text, given = {}] = isList ? (call.argument as unknown[]) : [call.argument];
  const textKeys = isList ? [0] : [];
  if (typeof text !== 'string') throw call.fail('the text must be written out', ...textKeys);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw call.fail('the variables must be a mapping', 1);
  }
  const variables = new Map(
    Object.entries(given).map(([name, node]) => [name, call.evaluate(node, 1, name)] as const),
  );
  const parts: unknown[] = [];
  let end = 0;
  for (const { 0: whole, 1: inside = '', index } of text.matchAll(PLACEHOLDER)) {
    parts.push(text.slice(end, index), substitute(call, inside.trim(), variables, textKeys));
    end = index + whole.length;
  }
  parts.push(text.slice(end));
  return whenKnown(parts, (known) =>
    (known as unknown[]).map((part) => textIn(call, part, ...textKeys)).join(''),
  );
};

/** What `${name}` stands for. `${!name}` is the literal `${name}`. */
function substitute(
  call: IntrinsicCall,
  name: string,
  variables: ReadonlyMap<string, unknown>,
  keys: readonly number[],
): unknown {
  if (name.startsWith('!')) return `\${${name.slice(1)}}`;
  if (variables.has(name)) return variables.get(name);
  const value = call.scope.parameter(name);
  if (value !== undefined) return value;
  const [logicalId = '', ...rest] = name.split('.');
  const attribute = rest.length > 0 ? rest.join('.') : undefined;
  const reference = call.scope.reference(logicalId, attribute);
  if (reference !== undefined) return reference;
  const hint = didYouMean(logicalId, [...variables.keys(), ...call.scope.names]);
  throw call.fail(
    `\${${name}} is neither a parameter, nor a resource, nor a variable${hint}`,
    ...keys,
  );
}

function pair({ argument, fail }: IntrinsicCall, words: string): readonly [unknown, unknown] {
  if (Array.isArray(argument) && argument.length === 2) return argument as [unknown, unknown];
  throw fail(`takes a list of two: ${words}`);
}

export function listOf(call: IntrinsicCall, value: unknown, ...keys: readonly number[]): unknown[] {
  if (Array.isArray(value)) return value;
  throw call.fail('must be a list', ...keys);
}

export function textIn(call: IntrinsicCall, value: unknown, ...keys: readonly number[]): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  const isWaiting = referencesIn(value).length > 0;
  throw call.fail(isWaiting ? 'is not known yet' : 'must be text', ...keys);
}
