import { type Path, pathText } from '../problem.ts';

/** Where something is written. Lines and columns start at one. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TemplateProblem {
  readonly message: string;
  /** Of the value in its document. */
  readonly path?: Path;
  readonly place?: Place | undefined;
}

/** A template cannot be used. Every problem reads `file:line:column: path: what is wrong`. */
export class TemplateError extends Error {
  readonly problems: readonly TemplateProblem[];
  /** Absolute paths of the files that were read, or looked for: a change of one may mend it. */
  paths: readonly string[] = [];

  constructor(problems: readonly TemplateProblem[]) {
    const shown = problems.slice(0, SHOWN_MAX).map(describe);
    const more = problems.length - shown.length;
    super([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    this.problems = problems;
  }
}

const SHOWN_MAX = 50;

/** Runs each of `steps` and throws what is wrong with all of them together. */
export function collectProblems<Item>(items: Iterable<Item>, step: (item: Item) => void): void {
  const problems: TemplateProblem[] = [];
  for (const item of items) {
    try {
      step(item);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new TemplateError(problems);
}

function describe({ message, path = [], place }: TemplateProblem): string {
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : '';
  return `${where}${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`;
}
