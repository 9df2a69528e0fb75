/**
 * `{{…}}` in the text of a case. Three forms:
 *
 *     {{connectionId}}      a known variable: its value
 *     {{requestId}}         a type, when no variable has that name: any text of that shape
 *     {{first=requestId}}   any text of that shape, which is the variable `first` from then on
 *
 * What a case sends may hold known variables only.
 */

/** Texts whose value no case can know, by what they look like. */
const TYPES = {
  any: /[\s\S]*/,
  text: /[^"]*/,
  word: /\w+/,
  digits: /\d+/,
  connectionId: /[A-Za-z0-9_-]{15}=|[A-Za-z0-9_-]{18}==/,
  messageId: /[A-Za-z0-9_-]{15}=|[A-Za-z0-9_-]{18}==/,
  requestId: /[A-Za-z0-9+/_-]{15}=/,
  apiId: /[a-z0-9]{10}/,
  id: /[a-z0-9]{6,7}/,
  uuid: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  traceId: /Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;[\s\S]*)?/,
  isoMillis: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/,
  isoSeconds: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/,
  clfTime: /\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000/,
  httpDate: /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/,
  ipAddress: /[0-9a-f.:]+/,
};

/** Types of JSON values other than strings. */
const VALUE_TYPES = {
  number: (/** @type {unknown} */ value) => typeof value === 'number',
  integer: (/** @type {unknown} */ value) => Number.isInteger(value),
  epochMillis: (/** @type {unknown} */ value) => Number.isInteger(value) && Number(value) > 1e12,
  boolean: (/** @type {unknown} */ value) => typeof value === 'boolean',
};

const PLACEHOLDER = /\{\{([^{}]+)\}\}/g;

/** @typedef {Map<string, string>} Variables */

/**
 * Puts variables into a text that is to be sent. Throws when one is not known.
 *
 * @param {string} text
 * @param {Variables} variables
 */
export function fill(text, variables) {
  return text.replace(PLACEHOLDER, (_, name) => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`{{${name}}} is not known here`);
    return value;
  });
}

/**
 * The same for every string, and every key, of a value.
 *
 * @param {any} value
 * @param {Variables} variables
 * @returns {any}
 */
export function fillAll(value, variables) {
  if (typeof value === 'string') return fill(value, variables);
  if (Array.isArray(value)) return value.map((item) => fillAll(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fill(key, variables), fillAll(item, variables)]),
  );
}

/**
 * Whether a text is what a case expects. Variables that the expectation names are set.
 *
 * @param {string} expected
 * @param {string} actual
 * @param {Variables} variables
 */
export function matchesText(expected, actual, variables) {
  /** @type {string[]} */
  const bound = [];
  let source = '';
  let end = 0;
  for (const { 0: all, 1: name, index } of expected.matchAll(PLACEHOLDER)) {
    source += escapeRegExp(expected.slice(end, index)) + sourceOf(name, bound, variables);
    end = index + all.length;
  }
  const match = new RegExp(`^${source}${escapeRegExp(expected.slice(end))}$`).exec(actual);
  if (match === null) return false;
  for (const [at, name] of bound.entries()) variables.set(name, match[at + 1]);
  return true;
}

/**
 * Whether an expectation is a type of JSON values that are no strings, and what it says of one.
 *
 * @param {unknown} expected
 * @returns {((value: unknown) => boolean) | undefined}
 */
export function valueType(expected) {
  const name = typeof expected === 'string' ? /^\{\{(\w+)\}\}$/.exec(expected)?.[1] : undefined;
  if (name === 'any') return () => true;
  return name === undefined
    ? undefined
    : Object.entries(VALUE_TYPES).find(([n]) => n === name)?.[1];
}

/**
 * @param {string} placeholder
 * @param {string[]} bound names whose groups come so far
 * @param {Variables} variables
 */
function sourceOf(placeholder, bound, variables) {
  const [name, type = name] = placeholder.split('=', 2);
  const known = variables.get(name);
  if (known !== undefined) return escapeRegExp(known);
  if (bound.includes(name)) return `\\${bound.indexOf(name) + 1}`;
  const pattern = Object.entries(TYPES).find(([known]) => known === type)?.[1];
  if (pattern === undefined) throw new Error(`{{${placeholder}}} is no variable and no type`);
  if (name === type) return `(?:${pattern.source})`;
  bound.push(name);
  return `(${pattern.source})`;
}

/** @param {string} text */
function escapeRegExp(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
