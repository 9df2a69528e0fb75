/**
 * Who may call the gateway's HTTP doors in `postern start`: signatures against the configured access
 * keys, then the key's policies. Messages are those the SDKs show for Amazon API Gateway.
 */

import type { Clock } from '../ambient/clock.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { AccessKey } from './access-key.ts';
import { evaluatePolicies } from './policy.ts';
import type { SignedRequest } from './sigv4.ts';
import { verifyRequest } from './verify.ts';

export interface Permission {
  /** Such as `execute-api:ManageConnections`. */
  readonly action: string;
  readonly resource: string;
  readonly sourceIp: string;
}

export class AccessControl {
  readonly #clock: Clock;
  readonly #keys: ReadonlyMap<string, AccessKey>;

  constructor(accessKeys: readonly AccessKey[], clock: Clock) {
    this.#clock = clock;
    this.#keys = new Map(accessKeys.map((key) => [key.accessKeyId, key]));
  }

  /** The key that signed the request for `service`; throws the exception that refuses it. */
  authenticate(request: SignedRequest, service: string): AccessKey {
    const verification = verifyRequest(request, {
      now: this.#clock.now(),
      service,
      findAccessKey: (accessKeyId) => this.#keys.get(accessKeyId),
    });
    if (verification.kind === 'refused') throw verification.exception;
    return verification.accessKey;
  }

  /** Throws `AccessDeniedException` unless the key's policies allow it and none denies it. */
  authorize(key: AccessKey, { action, resource, sourceIp }: Permission): void {
    const now = this.#clock.now();
    const decision = evaluatePolicies(key.policies, {
      action,
      resource,
      context: {
        'aws:SourceIp': sourceIp,
        'aws:username': key.userName,
        'aws:PrincipalArn': key.userArn,
        'aws:PrincipalAccount': key.accountId,
        'aws:CurrentTime': new Date(now).toISOString(),
        'aws:EpochTime': String(Math.floor(now / 1000)),
      },
    });
    if (decision === 'allowed') return;
    const because =
      decision === 'explicitDeny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`;
    throw new ServiceException(
      'AccessDeniedException',
      `User: ${key.userArn} is not authorized to perform: ${action} on resource: ` +
        `${maskAccount(resource)} ${because}`,
    );
  }
}

/** AWS shows only the last four digits of the account that owns the resource. */
function maskAccount(arn: string): string {
  return arn.replace(/:\d{8}(\d{4}):/, ':********$1:');
}
