import { isMap } from '../match/values.mjs';
import { NEEDS } from '../run/needs.mjs';
import { VERBS } from './verbs.mjs';

/** Finds a wrong key in a case before it is run: a misspelt expectation would expect nothing. */

const STRENGTHS = ['recorded', 'documented', 'inferred', 'ours'];
const TOPIC_KEYS = ['topic', 'about', 'order', 'setups', 'cases'];
const CASE_KEYS = [
  'id',
  'title',
  'rule',
  'strength',
  'needs',
  'notRun',
  'api',
  'answers',
  'functions',
  'steps',
];
const API_KEYS = [
  'routeSelectionExpression',
  'fields',
  'stage',
  'models',
  'authorizers',
  'routes',
  'deployed',
];

/** @param {any} document */
export function checkTopic(document) {
  if (!isMap(document)) throw new Error('not a map');
  allow('the file', document, TOPIC_KEYS);
  for (const key of ['topic', 'about']) text(document, key);
  if (!Number.isInteger(document.order)) throw new Error('order must be a whole number');
  if (!Array.isArray(document.cases)) throw new Error('cases must be a list');
}

/**
 * @param {any} item
 * @param {Record<string, any>} setups
 */
export function checkCase(item, setups) {
  if (!isMap(item)) throw new Error('not a map');
  allow('the case', item, CASE_KEYS);
  for (const key of ['id', 'title', 'rule']) text(item, key);
  if (!/^[a-z0-9-]+$/.test(item.id)) throw new Error('id: lower-case letters, digits and hyphens');
  if (!STRENGTHS.includes(item.strength)) {
    throw new Error(`strength must be one of ${STRENGTHS.join(', ')}`);
  }
  for (const need of item.needs ?? []) {
    if (!(need in NEEDS)) throw new Error(`needs: "${need}" is none of ${Object.keys(NEEDS)}`);
  }
  if (typeof item.api === 'string' && !(item.api in setups)) {
    throw new Error(`api: there is no setup "${item.api}"`);
  }
  const api = typeof item.api === 'string' ? setups[item.api] : item.api;
  if (api !== undefined) allow('api', api, API_KEYS);
  if (item.notRun !== undefined) return text(item, 'notRun');
  if (!Array.isArray(item.steps) || item.steps.length === 0) throw new Error('steps are missing');
  checkSteps('steps', item.steps);
  for (const [path, answers] of Object.entries(item.answers ?? {})) {
    for (const answer of [answers].flat()) {
      if (isMap(answer) && answer.steps) checkSteps(`answers.${path}`, answer.steps);
    }
  }
}

/**
 * @param {string} where
 * @param {any[]} steps
 */
function checkSteps(where, steps) {
  for (const [at, step] of steps.entries()) {
    if (!isMap(step)) throw new Error(`${where}[${at}] is no map`);
    const [verb] = Object.keys(step);
    const options = VERBS[verb];
    if (options === undefined) throw new Error(`${where}[${at}]: there is no step "${verb}"`);
    allow(`${where}[${at}], ${verb}`, step, [verb, ...options]);
    if (isMap(step.expect)) allow(`${where}[${at}], expect`, step.expect, VERBS.expect);
  }
}

/**
 * @param {string} where
 * @param {Record<string, any>} map
 * @param {readonly string[]} keys
 */
function allow(where, map, keys) {
  const wrong = Object.keys(map).find((key) => !keys.includes(key));
  if (wrong !== undefined) throw new Error(`${where}: "${wrong}" is none of ${keys.join(', ')}`);
}

/**
 * @param {Record<string, any>} map
 * @param {string} key
 */
function text(map, key) {
  if (typeof map[key] !== 'string' || map[key] === '') throw new Error(`${key} must be a text`);
}
