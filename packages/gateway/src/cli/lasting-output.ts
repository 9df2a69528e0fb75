import type { Writable } from 'node:stream';
import type { Output } from './io.ts';

/** What may wait for whoever reads the output; lines beyond it are dropped and counted. */
export const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const LINE_BREAK = 10;

/** Says how many lines are missing where it stands; with its line break. */
export type DroppedNote = (lines: number) => string;

/**
 * Output of a process that may have to outlive whoever reads it. A pipe takes everything and keeps in
 * memory what is not read: a log collector that hangs would fill it.
 */
export class LastingOutput implements Output {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  #note: DroppedNote | undefined;
  #dropped = 0;

  constructor(stream: Writable & { readonly isTTY?: boolean }) {
    this.#stream = stream;
  }

  get isTTY(): boolean | undefined {
    return this.#stream.isTTY;
  }

  /** From here on there is a bound. Until then everything waits, as a command's output should. */
  bound(note: DroppedNote): void {
    this.#note = note;
  }

  write(text: string | Uint8Array): boolean {
    const stream = this.#stream;
    if (this.#note && stream.writableLength + text.length > OUTPUT_BYTES_MAX) {
      this.#dropped += linesIn(text);
      return false;
    }
    if (this.#note && this.#dropped > 0) {
      stream.write(this.#note(this.#dropped));
      this.#dropped = 0;
    }
    return stream.write(text);
  }
}

function linesIn(text: string | Uint8Array): number {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  let lines = 0;
  for (const byte of bytes) if (byte === LINE_BREAK) lines += 1;
  return lines;
}
