/**
 * IAM at `$connect` (developer guide, "Use IAM authorization"): the handshake is signed for
 * `execute-api`, by headers or in its query, and the signer may invoke the route.
 */
import type { AccessControl } from '../iam/access-control.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import { ServiceException } from '../wire/exceptions.ts';
import { type Authorization, unauthorized } from './authorization.ts';
import type { AuthorizerRequest } from './authorizer-response.ts';

export interface IamAuthorizer {
  readonly accessControl: AccessControl;
  readonly accountId: string;
  /** `postern dev`: whoever signs at all may come in, with any key that is not configured. */
  readonly acceptsUnknownKeys: boolean;
}

export function authorizeByIam(
  { accessControl, accountId, acceptsUnknownKeys }: IamAuthorizer,
  handshake: SignedRequest,
  { methodArn, conditions }: AuthorizerRequest,
): Authorization {
  try {
    const key = accessControl.authenticate(handshake, 'execute-api');
    const action = 'execute-api:Invoke';
    accessControl.authorize(key, { action, resource: methodArn, conditions });
    return authorized(key.accessKeyId, key.userArn, key.userName, key.accountId);
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    const claimed = claimedKey(handshake);
    const isUnknown = claimed !== undefined && !accessControl.knows(claimed);
    if (acceptsUnknownKeys && error.name === 'UnrecognizedClientException' && isUnknown) {
      return authorized(claimed, `arn:aws:iam::${accountId}:user/${claimed}`, claimed, accountId);
    }
    const { message, rule } = error;
    return { ...unauthorized(403, message, rule, message), exception: error };
  }
}

function authorized(
  accessKey: string,
  userArn: string,
  user: string,
  accountId: string,
): Authorization {
  return {
    kind: 'authorized',
    identity: { accountId, caller: user, user, userArn, accessKey },
  };
}

function claimedKey({ rawHeaders, query }: SignedRequest): string | undefined {
  const [, accessKeyId] =
    /Credential=(\w{3,128})(?:%2F|\/)/i.exec(`${query} ${rawHeaders.join(' ')}`) ?? [];
  return accessKeyId;
}
