import { checkOptionalString, members } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';
import type { RequestContext } from './request-context.ts';
import { type CompiledStatement, compileStatement, statementApplies } from './statement.ts';

/**
 * Identity policies: what a caller may do. The language is that of "IAM JSON policy element
 * reference" in the IAM user guide, without principals, which belong to resource policies.
 */
export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[];
  /** Whether it has conditions or variables, which look at more than action and resource. */
  readonly usesContext: boolean;
}

export interface PolicyRequest {
  /** Such as `execute-api:ManageConnections`. */
  readonly action: string;
  /** The ARN acted upon. */
  readonly resource: string;
  /** Condition keys and their values: `aws:username`, `aws:SourceIp` and so on. */
  readonly context: RequestContext;
}

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

const VERSIONS = ['2012-10-17', '2008-10-17'] as const;

/**
 * Checks a parsed policy document and prepares it for fast evaluation.
 * Throws PolicyError, which names the wrong part. Without a Version it is AWS's older language,
 * `2008-10-17`, in which `${…}` is plain text.
 */
export function compilePolicy(document: unknown): CompiledPolicy {
  const policy = members(document, '', ['Version', 'Id', 'Statement']);
  const version = policy.Version ?? '2008-10-17';
  if (!VERSIONS.some((known) => known === version)) {
    throw new PolicyError(
      'Version',
      `expected ${VERSIONS.map((known) => `"${known}"`).join(' or ')}`,
    );
  }
  checkOptionalString(policy.Id, 'Id');
  const hasVariables = version === '2012-10-17';
  const given = policy.Statement;
  if (given === undefined) throw new PolicyError('Statement', 'expected at least one statement');
  if (!Array.isArray(given)) {
    return policyOf([compileStatement(given, 'Statement', hasVariables)]);
  }
  if (given.length === 0) throw new PolicyError('Statement', 'expected at least one statement');
  return policyOf(
    given.map((statement, index) =>
      compileStatement(statement, `Statement[${index}]`, hasVariables),
    ),
  );
}

function policyOf(statements: readonly CompiledStatement[]): CompiledPolicy {
  const usesContext = statements.some(
    ({ conditions, resources }) =>
      conditions.length > 0 || resources.some(({ kind }) => kind === 'template'),
  );
  return { statements, usesContext };
}

/** A matching Deny outweighs every Allow; where nothing matches, the answer is no. */
export function evaluatePolicies(
  policies: readonly CompiledPolicy[],
  request: PolicyRequest,
): Decision {
  const lowerCase = { ...request, action: request.action.toLowerCase() };
  let isAllowed = false;
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (isAllowed && statement.effect === 'Allow') continue;
      if (!statementApplies(statement, lowerCase)) continue;
      if (statement.effect === 'Deny') return 'explicitDeny';
      isAllowed = true;
    }
  }
  return isAllowed ? 'allowed' : 'implicitDeny';
}

export { PolicyError } from './policy-error.ts';
