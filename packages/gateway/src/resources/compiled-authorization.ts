import type { CompiledAuthorizer } from './compiled-authorizer.ts';
import { compileAuthorizer } from './compiled-authorizer.ts';
import type { DeploymentSnapshot } from './deployment.ts';
import { own } from './record.ts';
import type { Route } from './route.ts';

/** Who decides whether a client may come in. Only `$connect` has more than `none`. */
export type CompiledAuthorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'iam' }
  | { readonly kind: 'custom'; readonly authorizer: CompiledAuthorizer }
  /** Configured so that nobody can be asked: nobody comes in. */
  | { readonly kind: 'broken'; readonly reason: string };

export function compileAuthorization(
  { authorizationType, authorizerId = '' }: Route,
  { authorizers }: DeploymentSnapshot,
  stageVariables: Readonly<Record<string, string>>,
): CompiledAuthorization {
  if (authorizationType === 'NONE') return { kind: 'none' };
  if (authorizationType === 'AWS_IAM') return { kind: 'iam' };
  const authorizer = own(authorizers, authorizerId);
  if (!authorizer)
    return { kind: 'broken', reason: `the authorizer ${authorizerId} does not exist` };
  try {
    return { kind: 'custom', authorizer: compileAuthorizer(authorizer, stageVariables) };
  } catch (error) {
    return { kind: 'broken', reason: (error as Error).message };
  }
}
