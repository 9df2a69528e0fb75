import type { AccessKey } from '../../../src/iam/access-key.ts';
import type { SignedRequest } from '../../../src/iam/sigv4.ts';
import { type Verification, verifyRequest } from '../../../src/iam/verify.ts';

export const longTermKey: AccessKey = {
  accessKeyId: 'AKIAPOSTERNBACKEND01',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYzzSecretKey',
  userArn: 'arn:aws:iam::000000000000:user/backend',
  accountId: '000000000000',
  userName: 'backend',
  enabled: true,
  policies: [],
};

export const temporaryKey: AccessKey = {
  ...longTermKey,
  accessKeyId: 'ASIAPOSTERNBACKEND02',
  secretAccessKey: 'temporarySecret/of+another==',
  sessionToken: 'FwoGZXIvYXdzEBY/+token==with/every+sign=',
};

export const disabledKey: AccessKey = {
  ...longTermKey,
  accessKeyId: 'AKIAPOSTERNDISABLED3',
  enabled: false,
};

const keys = [longTermKey, temporaryKey, disabledKey];

/** Verifies against the keys above. */
export function verify(
  request: SignedRequest,
  options: { readonly now?: number; readonly service?: string | readonly string[] } = {},
): Verification {
  return verifyRequest(request, {
    now: options.now ?? Date.now(),
    service: options.service ?? 'execute-api',
    findAccessKey: (id) => keys.find((key) => key.accessKeyId === id),
  });
}

/** `verified in {region}`, or `{exception}: {message}`: one line to compare. */
export function outcome(verification: Verification): string {
  return verification.kind === 'verified'
    ? `verified in ${verification.region}`
    : `${verification.exception.name}: ${verification.exception.message}`;
}
