import type { SigningCredentials } from '../../iam/sign.ts';

/** What emulators take, and Amazon does not. */
const DUMMY: SigningCredentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The credentials that AWS tools would find in this environment, or else a dummy pair. */
export function credentialsIn(
  env: Readonly<Record<string, string | undefined>>,
): SigningCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return DUMMY;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
