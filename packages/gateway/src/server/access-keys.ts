import type { AccessKey } from '../iam/access-key.ts';
import { compilePolicy } from '../iam/policy.ts';
import type { User } from './secrets.ts';

/** What requests are verified against: each key of each user, with the user's policies compiled. */
export function accessKeysOf(users: readonly User[], accountId: string): AccessKey[] {
  return users.flatMap((user) => {
    const policies = user.policies.map(compilePolicy);
    const userArn = `arn:aws:iam::${accountId}:user/${user.name}`;
    return user.accessKeys.map((key) => ({
      ...key,
      userArn,
      accountId,
      userName: user.name,
      policies,
    }));
  });
}
