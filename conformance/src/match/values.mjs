import { matchesText, valueType } from './placeholders.mjs';

/**
 * Holds what came against what a case expects. A difference is told with its path and both sides.
 */

/** @typedef {import('./placeholders.mjs').Variables} Variables */

/** A behaviour that is not as the case says. */
export class Difference extends Error {
  /**
   * @param {string} what path or part
   * @param {unknown} expected
   * @param {unknown} actual
   */
  constructor(what, expected, actual) {
    super(`${what}: expected ${show(expected)}, got ${show(actual)}`);
  }
}

/**
 * @param {string} what
 * @param {string} expected
 * @param {string} actual
 * @param {Variables} variables
 */
export function expectText(what, expected, actual, variables) {
  if (!matchesText(expected, actual, variables)) {
    throw new Difference(what, known(expected, variables), actual);
  }
}

/**
 * For texts that are too long to be shown.
 *
 * @param {string} what
 * @param {Buffer} expected
 * @param {string} actual
 */
export function expectBytes(what, expected, actual) {
  if (expected.toString() === actual) return;
  const got = `${Buffer.byteLength(actual)} bytes: ${actual}`;
  throw new Difference(what, `${expected.length} bytes`, got);
}

/**
 * Every member that is expected must be there; others may be. Lists must be as long as expected.
 *
 * @param {string} what
 * @param {unknown} expected
 * @param {unknown} actual
 * @param {Variables} variables
 * @param {{ exactly?: boolean }} [how] `exactly`: no other members, and the same order
 */
export function expectValue(what, expected, actual, variables, how = {}) {
  const fits = valueType(expected);
  if (fits) {
    if (actual === undefined || !fits(actual)) throw new Difference(what, expected, actual);
    return;
  }
  if (typeof expected === 'string' && typeof actual === 'string') {
    return expectText(what, expected, actual, variables);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      throw new Difference(what, expected, actual);
    }
    expected.forEach((item, at) => {
      expectValue(`${what}[${at}]`, item, actual[at], variables, how);
    });
    return;
  }
  if (isMap(expected)) return expectMembers(what, expected, actual, variables, how);
  if (expected !== actual) throw new Difference(what, expected, actual);
}

/**
 * @param {string} what
 * @param {Record<string, unknown>} expected
 * @param {unknown} actual
 * @param {Variables} variables
 * @param {{ exactly?: boolean }} how
 */
function expectMembers(what, expected, actual, variables, how) {
  if (!isMap(actual)) throw new Difference(what, expected, actual);
  if (how.exactly) {
    const [want, got] = [Object.keys(expected).join(', '), Object.keys(actual).join(', ')];
    if (want !== got) throw new Difference(`${what}, its keys`, want, got);
  }
  for (const [key, item] of Object.entries(expected)) {
    if (!Object.hasOwn(actual, key)) throw new Difference(`${what}.${key}`, item, undefined);
    expectValue(`${what}.${key}`, item, actual[key], variables, how);
  }
}

/**
 * @param {string} what
 * @param {readonly string[]} paths dotted; keys may have dots of their own
 * @param {unknown} actual
 */
export function expectAbsent(what, paths, actual) {
  for (const path of paths) {
    const value = find(actual, path);
    if (value !== undefined) throw new Difference(`${what}.${path}`, undefined, value);
  }
}

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {unknown}
 */
function find(value, path) {
  if (!isMap(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (const [key, item] of Object.entries(value)) {
    if (!path.startsWith(`${key}.`)) continue;
    const found = find(item, path.slice(key.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isMap(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {string} text
 * @param {Variables} variables
 */
function known(text, variables) {
  return text.replace(/\{\{([^{}]+)\}\}/g, (all, name) => variables.get(name) ?? all);
}

/** @param {unknown} value */
function show(value) {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text;
}
