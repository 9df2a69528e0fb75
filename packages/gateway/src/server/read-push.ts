import type { PushRequest } from './push-request.ts';
import { readRepeatedPush } from './repeated-push.ts';
import { readWholePush } from './whole-push.ts';

/** `undefined` for anything that is not, from `at` to `until`, one whole push of the usual shape. */
export function readPush(bytes: Buffer, at: number, until: number): PushRequest | undefined {
  const repeated = at === 0 ? readRepeatedPush(bytes, until) : undefined;
  return repeated ?? readWholePush(bytes, at, until);
}
