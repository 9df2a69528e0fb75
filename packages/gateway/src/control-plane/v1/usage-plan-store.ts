import type { Change } from '../../engines/engine.ts';
import { own } from '../../resources/record.ts';
import {
  USAGE_PLANS_KEY,
  type UsagePlan,
  type UsagePlansDocument,
  withoutApiStage,
  withoutKey,
} from '../../resources/usage-plan.ts';
import { changeDocument, type DocumentKind, findStored, type Outcome } from '../document-store.ts';
import type { ControlContext } from '../operation.ts';
import { unknown } from './problems.ts';

/** All usage plans are one document; it has no name of its own. */
export const usagePlanDocuments: DocumentKind<UsagePlansDocument> = {
  noun: 'Usage Plan',
  param: 'usageplanId',
  prefix: USAGE_PLANS_KEY,
  isId: (text) => text === '',
  unknown: () => unknown('Invalid Usage Plan ID specified'),
  empty: { plans: {} },
};

type Plans = UsagePlansDocument;

export async function readUsagePlans(context: ControlContext): Promise<Plans> {
  return (await findStored(context, usagePlanDocuments, ''))!.document;
}

export function changeUsagePlans<Answer>(
  context: ControlContext,
  change: (document: Plans) => Outcome<Plans, Answer> | Promise<Outcome<Plans, Answer>>,
): Promise<Answer> {
  return changeDocument(context, usagePlanDocuments, '', change);
}

export function findUsagePlan(document: Plans, id: string): UsagePlan {
  const plan = own(document.plans, id);
  if (plan) return plan;
  throw unknown('Invalid Usage Plan ID specified');
}

/** What takes an API, or one stage of it, out of every plan. */
export function leaveUsagePlans(
  context: ControlContext,
  apiId: string,
  stageName?: string,
): Promise<Change[]> {
  return changed(context, (document) => withoutApiStage(document, apiId, stageName));
}

/** What takes a key out of every plan. */
export function dropFromUsagePlans(context: ControlContext, keyId: string): Promise<Change[]> {
  return changed(context, (document) => withoutKey(document, keyId));
}

async function changed(context: ControlContext, change: (document: Plans) => Plans) {
  const { document, version } = (await findStored(context, usagePlanDocuments, ''))!;
  const value = change(document);
  return value === document ? [] : [{ key: USAGE_PLANS_KEY, value, expectedVersion: version }];
}
