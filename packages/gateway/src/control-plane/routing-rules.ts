import type { DomainDocument } from '../resources/domain-name.ts';
import { createFrom } from '../resources/patch.ts';
import { readFields } from '../resources/read-fields.ts';
import { own, put } from '../resources/record.ts';
import {
  type RoutingRule,
  routingRuleFields,
  settleRoutingRule,
} from '../resources/routing-rule.ts';
import { limits } from '../wire/limits.ts';
import { type ChildKind, childOperations, findChild, view } from './children.ts';
import { changeDocument } from './document-store.ts';
import { domainDocuments } from './domain-store.ts';
import { freshId } from './fresh-id.ts';
import type { Call, Operation } from './operation.ts';

const path = '/v2/domainnames/{domainName}/routingrules';

const kind: ChildKind<DomainDocument, RoutingRule> = {
  documents: domainDocuments,
  collection: 'routingRules',
  table: routingRuleFields,
  path,
  id: 'routingRuleId',
  listed: 'routingRules',
  countMax: limits.routingRulesPerDomainMax,
  start: async ({ context }, document) => ({
    routingRuleId: await freshId(context, 6, (id) => Boolean(own(document.routingRules, id))),
  }),
  settle: (rule, { document, context }) => settleRoutingRule(rule, document, context.lenient),
  shown: ({ routingRuleId }, { context: { region, accountId }, params: { domainName } }) => ({
    routingRuleArn:
      `arn:aws:apigateway:${region}:${accountId}:` +
      `/domainnames/${domainName}/routingrules/${routingRuleId}`,
  }),
};

const ofChildren = (operation: string) =>
  childOperations(kind).filter((row) => row.operation === operation);

/** Alone among its kind: listed with `List`, and replaced as a whole instead of patched. */
export const routingRuleOperations: Operation[] = [
  ...ofChildren('GetRoutingRules').map((row) => ({ ...row, operation: 'ListRoutingRules' })),
  ...ofChildren('CreateRoutingRule'),
  ...ofChildren('DeleteRoutingRule'),
  ...ofChildren('GetRoutingRule'),
  {
    operation: 'PutRoutingRule',
    method: 'PUT',
    path: `${path}/{routingRuleId}`,
    status: 200,
    handler: putRoutingRule,
  },
];

function putRoutingRule(call: Call) {
  const { context, params, body } = call;
  return changeDocument(context, domainDocuments, params.domainName!, (document) => {
    const { routingRuleId } = findChild(kind, call, document);
    const asked = readFields(routingRuleFields, body, 'create', context.lenient);
    const draft = createFrom(routingRuleFields, { routingRuleId }, asked);
    const rule = settleRoutingRule(draft, document, context.lenient);
    const routingRules = put(document.routingRules, routingRuleId, rule);
    return { document: { ...document, routingRules }, answer: () => view(kind, rule, call) };
  });
}
