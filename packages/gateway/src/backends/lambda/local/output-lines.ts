import type { Readable } from 'node:stream';
import type { LambdaLimits } from '../limits.ts';

/** Our runtimes print `MARK` + request id on a line of its own where a call begins. */
export const OUTPUT_MARK = '\u001e';

export interface OutputLinesOptions {
  readonly limits: Pick<LambdaLimits, 'outputLineCharactersMax' | 'outputCharactersPerCallMax'>;
  /** Whose output it is when the runtime makes no marks. */
  currentRequestId(): string | undefined;
  onLine(requestId: string | undefined, line: string): void;
}

/**
 * Reads what a function prints, line by line, each with the request it belongs to. The stream itself
 * says where a call begins, so no line is put down to the wrong call however late it is read.
 */
export function readOutputLines(stream: Readable, options: OutputLinesOptions): void {
  const lines = new OutputLines(options);
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => lines.take(text));
  stream.on('end', () => lines.end());
  // A pipe that breaks ends like one that is closed.
  stream.on('error', () => lines.end());
}

class OutputLines {
  readonly #options: OutputLinesOptions;
  #rest = '';
  #marked: string | undefined;
  #requestId: string | undefined;
  #charactersLeft: number;

  constructor(options: OutputLinesOptions) {
    this.#options = options;
    this.#charactersLeft = options.limits.outputCharactersPerCallMax;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line);
    const max = this.#options.limits.outputLineCharactersMax;
    for (; this.#rest.length > max; this.#rest = this.#rest.slice(max)) {
      this.#emit(this.#rest.slice(0, max));
    }
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }

  #line(text: string): void {
    const at = text.lastIndexOf(OUTPUT_MARK);
    // What stands before a mark is a line that was never ended; mostly there is none.
    const line = at === -1 ? text : text.slice(0, at);
    if (at === -1 || line !== '') this.#emit(line.replace(/\r$/, ''));
    if (at !== -1) this.#marked = text.slice(at + 1);
  }

  #emit(line: string): void {
    const { limits, onLine } = this.#options;
    const requestId = this.#marked ?? this.#options.currentRequestId();
    if (requestId !== this.#requestId) {
      this.#requestId = requestId;
      this.#charactersLeft = limits.outputCharactersPerCallMax;
    }
    if (this.#charactersLeft <= 0) return;
    this.#charactersLeft -= line.length + 1;
    for (let from = 0; from === 0 || from < line.length; from += limits.outputLineCharactersMax) {
      onLine(requestId, line.slice(from, from + limits.outputLineCharactersMax));
    }
    if (this.#charactersLeft <= 0) {
      onLine(requestId, `(more than ${limits.outputCharactersPerCallMax} characters: not shown)`);
    }
  }
}
