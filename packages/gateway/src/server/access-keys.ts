import type { BearerToken } from '../iam/access-control.ts';
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

/** Each token of each user, with what its bearer may do. */
export function bearerTokensOf(users: readonly User[], accountId: string): BearerToken[] {
  return users.flatMap(({ name, tokens = [], policies }) => {
    const principal = {
      userArn: `arn:aws:iam::${accountId}:user/${name}`,
      accountId,
      userName: name,
      policies: policies.map(compilePolicy),
    };
    return tokens.map((token) => ({ token, principal }));
  });
}
