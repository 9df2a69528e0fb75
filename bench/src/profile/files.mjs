import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { flameGraph } from './flame-graph.mjs';
import { foldStacks, summarize } from './summary.mjs';

/** What the profiles of a folder say, each in files of its own name. */

/**
 * Writes `NAME.txt`, `NAME.folded` and `NAME.svg` beside each `NAME.cpuprofile` of a folder.
 *
 * @param {string} folder
 * @returns {Promise<string[]>} the texts written
 */
export async function summarizeProfiles(folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
  return Promise.all(
    files.map(async (name) => {
      const profile = JSON.parse(await readFile(join(folder, name), 'utf8'));
      const base = join(folder, name.replace(/\.cpuprofile$/, ''));
      await writeFile(`${base}.txt`, summarize(profile));
      await writeFile(`${base}.folded`, foldStacks(profile));
      await writeFile(`${base}.svg`, flameGraph(profile, basename(base)));
      return `${base}.txt`;
    }),
  );
}
