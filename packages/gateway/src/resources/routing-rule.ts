import type { DomainDocument } from './domain-name.ts';
import type { FieldTable } from './field.ts';
import { badRequest, conflict } from './problems.ts';

/**
 * A rule by which AWS sends requests of a domain to REST APIs. Kept and shown, for the tools that
 * manage them; no address of a WebSocket API is resolved by one.
 */
export interface RoutingRule {
  readonly routingRuleId: string;
  /** 1 to 1,000,000; the lowest is tried first. Unique within the domain. */
  readonly priority: number;
  readonly conditions: readonly unknown[];
  readonly actions: readonly unknown[];
}

const priorityProblem = 'Invalid priority specified. Must be between 1 and 1000000';

const text = (name: string, lengthMax: number) => ({ name, kind: 'text', lengthMax }) as const;

export const routingRuleFields: FieldTable<RoutingRule> = {
  noun: 'RoutingRule',
  fields: [
    {
      name: 'priority',
      kind: 'number',
      isWhole: true,
      min: 1,
      max: 1_000_000,
      required: priorityProblem,
      otherwise: () => priorityProblem,
    },
    {
      name: 'conditions',
      kind: 'list',
      required: 'Invalid conditions specified. Must be a list',
      of: {
        kind: 'object',
        patch: 'replace',
        members: [
          {
            name: 'matchBasePaths',
            kind: 'object',
            patch: 'replace',
            members: [{ name: 'anyOf', kind: 'list', of: { kind: 'text', lengthMax: 1024 } }],
          },
          {
            name: 'matchHeaders',
            kind: 'object',
            patch: 'replace',
            members: [
              {
                name: 'anyOf',
                kind: 'list',
                of: {
                  kind: 'object',
                  patch: 'replace',
                  members: [text('header', 40), text('valueGlob', 128)],
                },
              },
            ],
          },
        ],
      },
    },
    {
      name: 'actions',
      kind: 'list',
      required: 'Invalid actions specified. Must be a list',
      of: {
        kind: 'object',
        patch: 'replace',
        members: [
          {
            name: 'invokeApi',
            kind: 'object',
            patch: 'replace',
            members: [
              text('apiId', 64),
              text('stage', 128),
              { name: 'stripBasePath', kind: 'flag' },
            ],
          },
        ],
      },
    },
  ],
  given: ['routingRuleId'],
};

/** One rule per priority and domain, which does something. */
export function settleRoutingRule(
  draft: RoutingRule,
  document: DomainDocument,
  lenient: boolean,
): RoutingRule {
  if (!lenient && draft.actions.length === 0) {
    throw badRequest('Invalid actions specified. Must have at least one entry');
  }
  const twin = Object.values(document.routingRules).find(
    (rule) => rule.priority === draft.priority,
  );
  if (twin && twin.routingRuleId !== draft.routingRuleId) {
    throw conflict(`Routing rule with priority ${draft.priority} already exists for this domain`);
  }
  return draft;
}
