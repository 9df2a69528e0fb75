/**
 * What is written during one turn of the event loop goes out at its end, after every socket that had
 * something to say was read. A send wakes whoever waits for it, and that is most of what a send costs:
 * sends in a row find the others awake.
 */
export interface TurnWriter {
  /** Hands what was written to the kernel. Must not throw. */
  flush(): void;
}

let early: TurnWriter[] = [];
let late: TurnWriter[] = [];
let idle: TurnWriter[] = [];
let isDue = false;

/**
 * Calls `flush` at the end of this turn. `isLate`: after all that are not, so that nobody is told that
 * something was sent before it was.
 */
export function atEndOfTurn(writer: TurnWriter, isLate: boolean): void {
  (isLate ? late : early).push(writer);
  if (isDue) return;
  isDue = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  isDue = false;
  const messages = early;
  const answers = late;
  early = idle;
  late = [];
  for (let index = 0; index < messages.length; index += 1) messages[index]!.flush();
  for (let index = 0; index < answers.length; index += 1) answers[index]!.flush();
  messages.length = 0;
  idle = messages;
}
