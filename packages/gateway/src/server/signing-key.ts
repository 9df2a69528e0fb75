import type { Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { readText } from './read-text.ts';
import { Reread } from './reread.ts';

/** What `openssl rand -hex 16` prints; a shorter one could be guessed. */
const KEY_CHARACTERS_MIN = 32;

/** The key that calls of HTTP backends are signed with: the first line of a file. */
export function signingKey(file: string, clock: Pick<Clock, 'every'>, log: Log): Reread<string> {
  return new Reread({
    read: () => readKey(file),
    news: `Calls of backends are signed with the new key of ${file}`,
    otherwise: 'The key before it stays.',
    clock,
    log,
  });
}

async function readKey(file: string): Promise<string> {
  const key = (await readText(file)).split('\n', 1)[0]!.trim();
  if (key.length >= KEY_CHARACTERS_MIN) return key;
  throw new Error(
    `The first line of ${file} is no key: it has ${key.length} characters, ` +
      `and needs at least ${KEY_CHARACTERS_MIN}.`,
  );
}
