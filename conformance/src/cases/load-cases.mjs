import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkCase, checkTopic } from './case-shape.mjs';

/**
 * @typedef {'recorded' | 'documented' | 'inferred' | 'ours'} Strength
 *
 * @typedef {object} Case
 * @property {string} id
 * @property {string} title a sentence
 * @property {string} rule where it is written
 * @property {Strength} strength
 * @property {string[]} needs what an endpoint must offer, see `run/needs.mjs`
 * @property {string} [notRun] why nobody can run it against a live endpoint
 * @property {import('../run/set-up.mjs').ApiSpec} [api]
 * @property {Record<string, any>} answers what the HTTP backend answers, by path
 * @property {Record<string, any>} functions what Lambda functions return, by name
 * @property {Record<string, any>[]} steps
 *
 * @typedef {object} Topic
 * @property {string} topic
 * @property {string} about
 * @property {string} file
 * @property {Case[]} cases
 */

/**
 * Every topic of a folder, in the order of its index. Throws with the file and the case when something
 * is not as it should be.
 *
 * @param {string} folder
 * @returns {Promise<Topic[]>}
 */
export async function loadCases(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  const topics = await Promise.all(names.map((name) => loadTopic(folder, name)));
  topics.sort((a, b) => a.order - b.order || (a.file < b.file ? -1 : 1));
  const seen = new Set();
  for (const { file, cases } of topics) {
    for (const { id } of cases) {
      if (seen.has(id)) throw new Error(`${file}: the id "${id}" is used twice`);
      seen.add(id);
    }
  }
  return topics;
}

/**
 * @param {string} folder
 * @param {string} file
 * @returns {Promise<Topic & { order: number }>}
 */
async function loadTopic(folder, file) {
  const text = await readFile(join(folder, file), 'utf8');
  /** @type {any} */
  let document;
  try {
    // One anchor for every route of a file is no attack.
    document = parse(text, { maxAliasCount: -1, merge: true });
    checkTopic(document);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const { topic, about, order, setups = {}, cases } = document;
  return {
    topic,
    about,
    order,
    file,
    cases: cases.map((/** @type {any} */ item) => {
      try {
        checkCase(item, setups);
      } catch (error) {
        throw new Error(`${file}, ${item?.id}: ${error instanceof Error ? error.message : error}`);
      }
      const api = typeof item.api === 'string' ? setups[item.api] : item.api;
      return { needs: [], answers: {}, functions: {}, steps: [], ...item, ...(api && { api }) };
    }),
  };
}
