import type { BackendOptions } from '../options.ts';
import type { RequestDetails } from './request.ts';

/** Asks the user's function. Undefined when it refuses; an error when it gives no user id. */
export async function authenticate<User extends string>(
  options: BackendOptions<User>,
  token: string | undefined,
  request: RequestDetails,
): Promise<User | undefined> {
  const userId: unknown = await options.authenticate(token, request);
  if (userId === null || userId === undefined) return undefined;
  if (typeof userId !== 'string' || userId === '') {
    throw new TypeError('authenticate must give a user id, a string that is not empty, or null');
  }
  return userId as User;
}
