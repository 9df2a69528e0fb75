/**
 * What is written during one turn of the event loop goes out at its end, after every socket that had
 * something to say was read. A send wakes whoever waits for it, and that is most of what a send costs:
 * sends in a row find the others awake.
 */
export interface TurnWriter {
  /** Hands what was written to the kernel. Must not throw. */
  flush(): void;
}

/** Who has written in this turn. Its places are used again: a list made anew each turn is garbage. */
class Round {
  readonly #writers: (TurnWriter | undefined)[] = [];
  #count = 0;

  add(writer: TurnWriter): void {
    this.#writers[this.#count] = writer;
    this.#count += 1;
  }

  flush(): void {
    const writers = this.#writers;
    for (let index = 0; index < this.#count; index += 1) {
      const writer = writers[index];
      writers[index] = undefined;
      writer?.flush();
    }
    this.#count = 0;
  }
}

const early = new Round();
const late = new Round();
let isDue = false;

/**
 * Calls `flush` at the end of this turn. `isLate`: after all that are not, so that nobody is told that
 * something was sent before it was.
 */
export function atEndOfTurn(writer: TurnWriter, isLate: boolean): void {
  (isLate ? late : early).add(writer);
  if (isDue) return;
  isDue = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  // First, so that whoever writes while others are flushed has an end of a turn too.
  isDue = false;
  early.flush();
  late.flush();
}
