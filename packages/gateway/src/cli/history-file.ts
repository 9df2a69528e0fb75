import { readFileSync, writeFileSync } from 'node:fs';

export const HISTORY_LINES_MAX = 500;

/**
 * What was typed before, kept in a file: newest first, as readline has it. Whoever cannot have one, in a
 * container without a home say, is told so once and goes on without.
 */
export class HistoryFile {
  readonly #path: string;
  readonly #warn: (sentence: string) => void;
  #isTold = false;

  constructor(path: string, warn: (sentence: string) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  /** At most `HISTORY_LINES_MAX` lines. */
  read(): string[] {
    try {
      const text = readFileSync(this.#path, 'utf8');
      return text.split('\n').filter(Boolean).slice(0, HISTORY_LINES_MAX);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#tell(error as Error);
      return [];
    }
  }

  keep(lines: readonly string[]): void {
    try {
      // Messages may hold what is nobody else's business.
      writeFileSync(this.#path, `${lines.join('\n')}\n`, { mode: 0o600 });
    } catch (error) {
      this.#tell(error as Error);
    }
  }

  #tell({ message }: Error): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#warn(`What is typed is not kept for the next time: ${message}`);
  }
}
