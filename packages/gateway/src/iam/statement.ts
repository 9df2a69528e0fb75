import { type CompiledCondition, compileCondition, conditionHolds } from './condition.ts';
import { type Glob, textGlob } from './glob.ts';
import { matchesGlob } from './glob-match.ts';
import { type Pattern, patternMatches, readPattern } from './pattern.ts';
import { checkOptionalString, entries, type Located, members, strings } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';
import type { RequestContext } from './request-context.ts';

/** One statement of a policy, checked and ready. */
export interface CompiledStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly Glob[];
  /** NotAction: every action but these. */
  readonly isActionNegated: boolean;
  readonly resources: readonly Pattern[];
  /** NotResource: every resource but these. */
  readonly isResourceNegated: boolean;
  /** All of them must hold. */
  readonly conditions: readonly CompiledCondition[];
}

const ELEMENTS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
] as const;

export function compileStatement(
  value: unknown,
  path: string,
  hasVariables: boolean,
): CompiledStatement {
  for (const name of ['Principal', 'NotPrincipal']) {
    if (!Object.hasOwn(entries(value, path), name)) continue;
    throw new PolicyError(
      `${path}.${name}`,
      'not allowed here: the policy belongs to an identity, which is its principal',
    );
  }
  const statement = members(value, path, ELEMENTS);
  checkOptionalString(statement.Sid, `${path}.Sid`);
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw new PolicyError(`${path}.Effect`, 'expected "Allow" or "Deny"');
  }
  const action = either(statement, path, 'Action', 'NotAction');
  const resource = either(statement, path, 'Resource', 'NotResource');
  return {
    effect: statement.Effect,
    actions: action.values.map(actionGlob),
    isActionNegated: action.isNegated,
    resources: resource.values.map((value) => resourcePattern(value, hasVariables)),
    isResourceNegated: resource.isNegated,
    conditions:
      statement.Condition === undefined
        ? []
        : compileCondition(statement.Condition, `${path}.Condition`, hasVariables),
  };
}

/** `request.action` must be in lower case: actions are compared without regard to it. */
export function statementApplies(
  statement: CompiledStatement,
  request: { readonly action: string; readonly resource: string; readonly context: RequestContext },
): boolean {
  const { action, resource, context } = request;
  const isActionListed = statement.actions.some((glob) => matchesGlob(glob, action));
  if (isActionListed === statement.isActionNegated) return false;
  const isListed = statement.resources.some((each) => patternMatches(each, resource, context));
  if (isListed === statement.isResourceNegated) return false;
  return statement.conditions.every((condition) => conditionHolds(condition, context));
}

interface Listed {
  readonly values: readonly Located[];
  readonly isNegated: boolean;
}

function either(
  statement: Readonly<Record<string, unknown>>,
  path: string,
  plain: string,
  negated: string,
): Listed {
  const isNegated = statement[plain] === undefined;
  if (!isNegated && statement[negated] !== undefined) {
    throw new PolicyError(`${path}.${negated}`, `not allowed beside ${plain}`);
  }
  const name = isNegated ? negated : plain;
  if (statement[name] === undefined) {
    throw new PolicyError(path, `expected ${plain} or ${negated}`);
  }
  return { values: strings(statement[name], `${path}.${name}`), isNegated };
}

function actionGlob({ text, path }: Located): Glob {
  if (text !== '*' && !/^[^:]+:[^:]+$/.test(text)) {
    throw new PolicyError(path, 'expected "service:Action" or "*"');
  }
  return textGlob([{ text: text.toLowerCase(), hasWildcards: true }]);
}

function resourcePattern({ text, path }: Located, hasVariables: boolean): Pattern {
  if (text !== '*' && !text.startsWith('arn:')) {
    throw new PolicyError(path, 'expected an ARN or "*"');
  }
  const names = text.split(':', 5).join(':');
  if (hasVariables && names.includes('${')) {
    throw new PolicyError(path, 'a policy variable may stand only after the fifth colon');
  }
  return readPattern({ text, path }, { kind: 'resource', hasVariables });
}
