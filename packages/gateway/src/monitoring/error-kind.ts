/**
 * Which of AWS's three error metrics an event counts for. As recorded: a function that refuses a client
 * with 403, and a message that no route takes, are ClientErrors; a function that answers 503, or cannot
 * be called, is an ExecutionError. The guide: not counted are 413, what is throttled, a domain without a
 * mapping, and faults of the gateway itself.
 */
import { type RuleName, rules } from '../wire/rules.ts';
import type { Facts, IntegrationFacts } from './facts.ts';

export type ErrorKind = 'client' | 'integration' | 'execution';

export function errorKindOf({ event, integration }: Facts): ErrorKind | undefined {
  if (integration) return ofIntegration(integration) ?? ofRule(event.kind, event.rule);
  return ofRule(event.kind, event.rule);
}

function ofIntegration({ kind, status = 0, failure }: IntegrationFacts): ErrorKind | undefined {
  if (failure) return ofFailure(failure.rule);
  if (status < 400) return undefined;
  const isFunction = kind === 'AWS_PROXY' || kind === 'AWS_LAMBDA';
  if (!isFunction) return 'integration';
  return status < 500 ? 'client' : 'execution';
}

/** What the client brought about; everything else that fails here is the execution's fault. */
const CLIENT_FAULTS = new Set<RuleName>([
  'mapped-value-invalid',
  'message-not-json',
  'template-not-selected',
]);

const ofFailure = (rule: RuleName): ErrorKind | undefined =>
  rule === 'internal-error' ? undefined : CLIENT_FAULTS.has(rule) ? 'client' : 'execution';

/** Refused by the gateway before, or in place of, an integration. */
const EXECUTION_FAULTS = new Set<RuleName>(['integration-missing', 'reply-too-long']);
const NOT_COUNTED = new Set(['THROTTLED', 'QUOTA_EXCEEDED', 'AUTHORIZER_FAILURE']);

function ofRule(kind: Facts['event']['kind'], rule: RuleName | undefined): ErrorKind | undefined {
  if (rule === undefined || (kind !== 'connect' && kind !== 'message')) return undefined;
  if (EXECUTION_FAULTS.has(rule)) return 'execution';
  const { responseType = '' } = rules[rule] as { responseType?: string };
  const isOwnFault = rule === 'internal-error' || responseType.startsWith('AUTHORIZER_');
  return isOwnFault || NOT_COUNTED.has(responseType) ? undefined : 'client';
}
