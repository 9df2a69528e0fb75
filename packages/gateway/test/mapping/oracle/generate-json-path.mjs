import fc from 'fast-check';
import { askJava, writeFixture } from './ask-java.mjs';
import { document, paths } from './json-path-cases.mjs';

/**
 * Cases stay inside what both sides mean the same by; what Jayway 2.0.0 lacks (functions, negative
 * indexes, groups in filters …) is a list of its own in the tests.
 */
const name = fc.constantFrom('a', 'b', 'c', 'x-y', 'n0');

const scalar = fc.oneof(
  fc.constantFrom('a', 'b', '', '1', '10', 'true', 'null', 'it is'),
  fc.constantFrom(0, 1, 2, 10, -1, 1.5, 0.25),
  fc.boolean(),
  fc.constant(null),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 2 },
    { arbitrary: fc.array(tie('value'), { maxLength: 4 }), weight: 3 },
    { arbitrary: fc.dictionary(name, tie('value'), { maxKeys: 4 }), weight: 4 },
  ),
}));

const root = fc.oneof(
  { arbitrary: fc.dictionary(name, value, { minKeys: 2, maxKeys: 5 }), weight: 4 },
  { arbitrary: fc.array(value, { minLength: 1, maxLength: 5 }), weight: 1 },
);

/** Draws from a stream of random numbers: paths are made by walking a document, so that most hit. */
function drawing(numbers) {
  let next = 0;
  const below = (limit) => numbers[next++ % numbers.length] % limit;
  return { below, one: (...choices) => choices[below(choices.length)] };
}

const isObject = (each) => typeof each === 'object' && each !== null && !Array.isArray(each);

/** One step into a value: its text and the value it leads to, wildcards following one branch. */
function step(draw, from) {
  if (draw.below(12) === 0) {
    return { text: draw.one('.a', "['b']", '[0]', '[*]', '.x-y', '..c'), to: undefined };
  }
  if (Array.isArray(from) && from.length > 0) {
    const at = draw.below(from.length);
    const text = draw.one(
      () => `[${at}]`,
      () => `[${at}]`,
      () => '[*]',
      () => `[${draw.below(at + 1)}:${at + 1 + draw.below(2)}]`,
      () => `[${at - from.length}:]`,
      () => `[:${draw.one(at + 1, -draw.below(from.length))}]`,
      () => `[${draw.below(from.length)},${at}]`,
      () => `[(@.length-${from.length - at})]`,
      () => filter(draw, from[at]),
      () => filter(draw, from[at]),
      () => filter(draw, from[at]),
    )();
    return { text, to: from[at] };
  }
  if (isObject(from) && Object.keys(from).length > 0) {
    const key = draw.one(...Object.keys(from));
    const other = draw.one('a', 'b', 'c', 'x-y');
    const text = draw.one(
      () => `.${key}`,
      () => `.${key}`,
      () => `['${key}']`,
      () => draw.one('.*', '[*]', '..*'),
      () => `..${key}`,
      () => `['${key}','${other === key ? 'zz' : other}']`,
      () => filter(draw, from),
    )();
    return { text, to: text.includes(',') ? undefined : from[key] };
  }
  return { text: draw.one('.a', '[*]', '[0]', '..a', '.*'), to: undefined };
}

/** A definite path below `@`, and where it leads. */
function inner(draw, from) {
  let path = '';
  let to = from;
  for (let depth = 0; depth < 2 && typeof to === 'object' && to !== null; depth++) {
    const keys = Object.keys(to);
    if (keys.length === 0 || (depth > 0 && draw.below(2) === 0)) {
      break;
    }
    const key = draw.one(...keys);
    path += Array.isArray(to) ? `[${key}]` : draw.one(`.${key}`, `['${key}']`);
    to = to[key];
  }
  return { path, to };
}

function filter(draw, item) {
  const conditions = Array.from({ length: draw.one(1, 1, 1, 2, 3) }, () => condition(draw, item));
  return `[?(${conditions.join(draw.one(' && ', ' || ', '&&'))})]`;
}

function condition(draw, item) {
  const { path, to } = inner(draw, item);
  const kind = draw.below(8);
  if (kind === 0 && path !== '') {
    return `${draw.one('', '!')}@${path}`;
  }
  if (kind === 1) {
    const expression = draw.one('a', '.*', '[ab1]+', '1.?', 'T.*', '\\d+', '(it|is| )*', '[^b]?');
    return `@${path} =~ /${expression}/${draw.one('', 'i')}`;
  }
  const operator = draw.one('==', '==', '!=', '<', '<=', '>', '>=');
  const space = draw.one('', ' ');
  return `@${path}${space}${operator}${space}${literalFor(draw, to)}`;
}

function literalFor(draw, to) {
  if (draw.below(3) > 0 && typeof to !== 'object') {
    return typeof to === 'string' ? `'${to}'` : String(to);
  }
  return draw.one('1', '10', "'a'", "'1'", 'true', 'false', 'null', '1.5', "''", '-1', '$.a');
}

function walk(document, numbers) {
  const draw = drawing(numbers);
  let text = '';
  let to = document;
  for (let length = 1 + draw.below(4); length > 0; length--) {
    const next = step(draw, to);
    text += next.text;
    to = next.to;
    // Several names may only end a path.
    if (next.text.includes("','")) {
      break;
    }
  }
  const bare = text.startsWith('.') && !text.startsWith('..') && draw.below(4) === 0;
  return bare ? text.slice(1) : `$${text}`;
}

const numbers = fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 40 });
const generatedCase = fc
  .tuple(root, numbers)
  .map(([document, drawn]) => ({ path: walk(document, drawn), document }));

const generated = fc.sample(generatedCase, { numRuns: 900, seed: 20261122 });
const handwritten = paths.map((each) => ({ path: each, document }));

const asked = askJava('JsonPathOracle', [...handwritten, ...generated]).map((answer, index) => ({
  ...(index < handwritten.length ? {} : generated[index - handwritten.length]),
  ...(index < handwritten.length ? { path: handwritten[index].path } : {}),
  ...answer,
}));

const isDull = ({ missing, value: found }) =>
  missing !== undefined || (Array.isArray(found) && found.length === 0);

writeFixture('json-path/fixtures/handwritten.json', asked.slice(0, handwritten.length));
writeFixture('json-path/fixtures/document.json', [document]);
// Most random paths lead nowhere; of those a sample is enough.
writeFixture(
  'json-path/fixtures/generated.json',
  asked.slice(handwritten.length).filter((answer, index) => !isDull(answer) || index % 6 === 0),
);
