/** Who may call the gateway now: its users, and what is verified of them. */
import type { Clock } from '../ambient/clock.ts';
import { AccessControl } from '../iam/access-control.ts';
import { ReplayGuard } from '../iam/replay-guard.ts';
import { accessKeysOf, bearerTokensOf } from './access-keys.ts';
import type { Configuration } from './config.ts';
import type { User } from './secrets.ts';

export class Callers {
  readonly accessControl: AccessControl;
  readonly #account: string;
  #users: readonly User[] = [];

  constructor({ account, singleUseSignatures }: Configuration, clock: Clock) {
    this.#account = account;
    this.accessControl = new AccessControl({
      clock,
      replays:
        singleUseSignatures === 'none' ? undefined : new ReplayGuard(singleUseSignatures === 'all'),
    });
  }

  get users(): readonly User[] {
    return this.#users;
  }

  /** From now on these users may call, with these keys and policies, and nobody else. */
  use(users: readonly User[]): void {
    this.#users = users;
    this.accessControl.use(
      accessKeysOf(users, this.#account),
      bearerTokensOf(users, this.#account),
    );
  }
}
