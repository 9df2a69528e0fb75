/**
 * Who may call the gateway's HTTP doors in `postern start`: signatures against the configured access
 * keys, then the key's policies. Messages are those the SDKs show for Amazon API Gateway.
 */

import { createHash } from 'node:crypto';
import type { Clock } from '../ambient/clock.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { AccessKey, Principal } from './access-key.ts';
import { evaluatePolicies } from './policy.ts';
import type { SignedRequest } from './sigv4.ts';
import { verifyRequest } from './verify.ts';

export interface Permission {
  /** Such as `execute-api:ManageConnections`. */
  readonly action: string;
  readonly resource: string;
  readonly sourceIp: string;
}

/** A secret that is sent as it is, `Authorization: Bearer …`, instead of signing with it. */
export interface BearerToken {
  readonly token: string;
  readonly principal: Principal;
}

const BEARER = /^bearer +(\S+) *$/i;

export class AccessControl {
  readonly #clock: Clock;
  readonly #keys: ReadonlyMap<string, AccessKey>;
  /** By digest: looking one up then tells nothing about the others by the time it takes. */
  readonly #tokens: ReadonlyMap<string, Principal>;

  constructor(accessKeys: readonly AccessKey[], clock: Clock, tokens: readonly BearerToken[] = []) {
    this.#clock = clock;
    this.#keys = new Map(accessKeys.map((key) => [key.accessKeyId, key]));
    this.#tokens = new Map(tokens.map(({ token, principal }) => [digestOf(token), principal]));
  }

  /** Who manages the gateway: by a token, or by a signature for `apigateway`. */
  authenticateAdministrator(request: SignedRequest): Principal {
    const token = bearerTokenOf(request.rawHeaders);
    if (token === undefined) return this.authenticate(request, 'apigateway');
    const principal = this.#tokens.get(digestOf(token));
    if (principal) return principal;
    throw new ServiceException(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
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
  authorize(key: Principal, { action, resource, sourceIp }: Permission): void {
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

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function bearerTokenOf(rawHeaders: readonly string[]): string | undefined {
  const at = rawHeaders.findIndex(
    (text, index) => index % 2 === 0 && text.toLowerCase() === 'authorization',
  );
  return at < 0 ? undefined : BEARER.exec(rawHeaders[at + 1] ?? '')?.[1];
}

/** AWS shows only the last four digits of the account that owns the resource. */
function maskAccount(arn: string): string {
  return arn.replace(/:\d{8}(\d{4}):/, ':********$1:');
}
