/**
 * Who may call the gateway's HTTP doors in `postern start`: signatures against the configured access
 * keys, then the key's policies. Messages are those the SDKs show for Amazon API Gateway.
 */

import { createHash } from 'node:crypto';
import type { Clock } from '../ambient/clock.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { AccessKey, Principal } from './access-key.ts';
import { AllowedResources } from './allowed-resources.ts';
import { evaluatePolicies } from './policy.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { type RequestContext, timeConditions } from './request-context.ts';
import type { SignedRequest } from './sigv4.ts';
import { verifyRequest } from './verify.ts';

export interface Permission {
  /** Such as `execute-api:ManageConnections`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request itself, such as `aws:SourceIp`. */
  readonly conditions: () => RequestContext;
}

/** A secret that is sent as it is, `Authorization: Bearer …`, instead of signing with it. */
export interface BearerToken {
  readonly token: string;
  readonly principal: Principal;
}

export interface AccessControlOptions {
  readonly clock: Clock;
  /** Absent where a signature may be used again for as long as it is valid, as on AWS. */
  readonly replays?: ReplayGuard | undefined;
}

const BEARER = /^bearer +(\S+) *$/i;

export class AccessControl {
  readonly #clock: Clock;
  readonly #replays: ReplayGuard | undefined;
  readonly #allowed = new AllowedResources();
  readonly #find = (accessKeyId: string) => this.#keys.get(accessKeyId);
  #keys: ReadonlyMap<string, AccessKey> = new Map();
  /** By digest: looking one up then tells nothing about the others by the time it takes. */
  #tokens: ReadonlyMap<string, Principal> = new Map();

  constructor({ clock, replays }: AccessControlOptions) {
    this.#clock = clock;
    this.#replays = replays;
  }

  /** From now on these may call and nobody else; what is under way is not asked again. */
  use(accessKeys: readonly AccessKey[], tokens: readonly BearerToken[] = []): void {
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

  /** Whether there is such a key, enabled or not. */
  knows(accessKeyId: string): boolean {
    return this.#keys.has(accessKeyId);
  }

  /** The key that signed the request for `service`; throws the exception that refuses it. */
  authenticate(request: SignedRequest, service: string): AccessKey {
    const now = this.#clock.turnNow();
    const verification = verifyRequest(request, {
      now,
      service,
      findAccessKey: this.#find,
    });
    if (verification.kind === 'refused') throw verification.exception;
    this.#replays?.assertUnused(verification, now);
    return verification.accessKey;
  }

  /** Throws `AccessDeniedException` unless the key's policies allow it and none denies it. */
  authorize(key: Principal, { action, resource, conditions }: Permission): void {
    if (this.#allowed.has(key.policies, action, resource)) return;
    // Most policies ask for nothing but action and resource, and then nothing else is gathered.
    const asksMore = key.policies.some(({ usesContext }) => usesContext);
    const context = asksMore ? this.#contextOf(key, resource, conditions()) : {};
    const decision = evaluatePolicies(key.policies, { action, resource, context });
    if (decision === 'allowed') {
      if (!asksMore) this.#allowed.add(key.policies, action, resource);
      return;
    }
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

  #contextOf(
    { userName, userArn, accountId }: Principal,
    resource: string,
    conditions: RequestContext,
  ): RequestContext {
    return {
      ...conditions,
      ...timeConditions(this.#clock.now()),
      'aws:username': userName,
      'aws:userid': userName,
      'aws:PrincipalArn': userArn,
      'aws:PrincipalAccount': accountId,
      'aws:PrincipalType': 'User',
      'aws:RequestedRegion': resource.split(':', 4)[3] ?? '',
      'aws:ViaAWSService': 'false',
    };
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
