/**
 * Joins log lines into few large writes: a write of its own for each line would cost a busy gateway
 * more than everything else it does. Lines keep their order and are never split.
 */
export interface LineBuffer {
  write(line: string): void;
  /** Writes what is held; called before the process ends. */
  flush(): void;
}

/** Beyond this many characters the lines go out at once. */
const HELD_CHARACTERS_MAX = 32 * 1024;
const HELD_MILLIS_MAX = 50;

/** `heldMillisMax`: nobody waits longer than this for a line. */
export function lineBuffer(
  write: (lines: string) => void,
  heldMillisMax = HELD_MILLIS_MAX,
): LineBuffer {
  let held = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = held;
    held = '';
    if (lines !== '') write(lines);
  };
  return {
    write(line) {
      held += line;
      if (held.length >= HELD_CHARACTERS_MAX) flush();
      else timer ??= setTimeout(flush, heldMillisMax).unref();
    },
    flush,
  };
}
