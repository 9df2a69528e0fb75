import { shortId } from '../ambient/ids.ts';
import type { ControlContext } from './operation.ts';

const ATTEMPTS_MAX = 100;

/** An id of `length` characters that is not taken yet. */
export async function freshId(
  context: ControlContext,
  length: number,
  isTaken: (id: string) => boolean | Promise<boolean>,
): Promise<string> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const id = shortId(context.random, length);
    if (!(await isTaken(id))) return id;
  }
  throw new Error(`No free id of ${length} characters in ${ATTEMPTS_MAX} attempts`);
}

/** Only what can be an id reaches the store: its keys are short, and made of ids and slashes. */
export function isId(text: string): boolean {
  return /^[a-z0-9]{1,32}$/.test(text);
}
