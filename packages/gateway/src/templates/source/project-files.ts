import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { templateLimits } from './limits.ts';
import { TemplateError } from './template-error.ts';

/**
 * The files a template is made of. Only what lies in the folder of the first one is read, links followed;
 * each file and their number have a limit. Remembers them all, for whoever watches.
 */
export class ProjectFiles {
  readonly folder: string;
  readonly #root: string;
  /** By path; `undefined` of one that is not there. */
  readonly #texts = new Map<string, string | undefined>();
  #filesRead = 0;

  /** `folder` must exist. */
  constructor(folder: string) {
    this.folder = resolve(folder);
    this.#root = realpathSync(this.folder);
  }

  /** Absolute paths of what was read, or looked for. */
  get paths(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** As problems call a file: relative to where the program was started, where that is shorter. */
  nameOf(path: string): string {
    const name = relative(process.cwd(), path);
    return name.startsWith('..') ? path : name;
  }

  /** The text of a file; `undefined` when there is none. Throws `TemplateError` for one it must not read. */
  read(path: string): string | undefined {
    const full = resolve(this.folder, path);
    if (this.#texts.has(full)) return this.#texts.get(full);
    const fail = (message: string) =>
      new TemplateError([{ message: `${this.nameOf(full)} ${message}` }]);
    const text = this.#textOf(full, fail);
    this.#texts.set(full, text);
    return text;
  }

  #textOf(full: string, fail: (message: string) => TemplateError): string | undefined {
    const real = realPath(full);
    if (real === undefined) return undefined;
    if (!isInside(this.#root, real)) throw fail(`is outside of ${this.folder}: it is not read`);
    const found = statSync(real);
    if (!found.isFile()) throw fail('is no file');
    if (found.size > templateLimits.fileBytesMax) {
      throw fail(`is larger than ${templateLimits.fileBytesMax} bytes`);
    }
    if (this.#filesRead >= templateLimits.filesMax) {
      throw fail(`would be file number ${templateLimits.filesMax + 1} of this template`);
    }
    const text = readFileSync(real, 'utf8');
    this.#filesRead += 1;
    return text;
  }

  static around(file: string): ProjectFiles {
    return new ProjectFiles(dirname(resolve(file)));
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isInside(root: string, path: string): boolean {
  const below = relative(root, path);
  return below === '' || (!below.startsWith(`..${sep}`) && below !== '..' && !isAbsolute(below));
}
