import { numberOf, type PatchOperation, readPatchOperations } from '../../resources/json-patch.ts';
import { createFrom, patch } from '../../resources/patch.ts';
import { badRequest } from '../../resources/problems.ts';
import { readFields } from '../../resources/read-fields.ts';
import { own, put, without } from '../../resources/record.ts';
import {
  type ApiStage,
  apiStageName,
  assertOnePlanPerStage,
  settleUsagePlan,
  type UsagePlan,
  type UsagePlansDocument,
  usagePlanFields,
} from '../../resources/usage-plan.ts';
import { viewOf } from '../../resources/view.ts';
import { limits } from '../../wire/limits.ts';
import { freshId } from '../fresh-id.ts';
import type { Call, ControlContext, Operation } from '../operation.ts';
import { holdApiStages } from './api-stages.ts';
import { listOf } from './list.ts';
import { limitExceeded } from './problems.ts';
import { changeUsagePlans, findUsagePlan, readUsagePlans } from './usage-plan-store.ts';

const path = '/usageplans';
const one = `${path}/{usageplanId}`;

export const usagePlanOperations: Operation[] = [
  { operation: 'GetUsagePlans', method: 'GET', path, status: 200, handler: getUsagePlans },
  { operation: 'CreateUsagePlan', method: 'POST', path, status: 201, handler: createUsagePlan },
  { operation: 'GetUsagePlan', method: 'GET', path: one, status: 200, handler: getUsagePlan },
  {
    operation: 'UpdateUsagePlan',
    method: 'PATCH',
    path: one,
    status: 200,
    handler: updateUsagePlan,
  },
  {
    operation: 'DeleteUsagePlan',
    method: 'DELETE',
    path: one,
    status: 202,
    handler: deleteUsagePlan,
  },
];

/** `keyId` filters by the plans a key is in. */
async function getUsagePlans(call: Call) {
  const { plans } = await readUsagePlans(call.context);
  const keyId = call.query.get('keyId');
  const shown = Object.entries(plans).filter(
    ([, plan]) => keyId === null || plan.keyIds.includes(keyId),
  );
  return listOf(call, path, Object.fromEntries(shown), view);
}

function createUsagePlan({ context, body }: Call) {
  return changeUsagePlans(context, async (document) => {
    const asked = readFields(usagePlanFields, body, 'create', context.lenient);
    const { plans } = document;
    const id = await freshId(context, 6, (each) => own(plans, each) !== undefined);
    const start: Partial<UsagePlan> = { id, keyIds: [] };
    const draft = createFrom(usagePlanFields, start, asked);
    if (Object.keys(plans).length >= limits.usagePlansPerAccountMax) {
      throw limitExceeded('Usage Plans', 'account');
    }
    return written(context, document, settleUsagePlan(draft, context.lenient), []);
  });
}

async function getUsagePlan({ context, params }: Call) {
  return view(findUsagePlan(await readUsagePlans(context), params.usageplanId!));
}

const quotaPaths = ['/quota/limit', '/quota/offset', '/quota/period'];
const throttlePaths = ['/throttle/burstLimit', '/throttle/rateLimit'];
const paths = {
  add: ['/apiStages', ...throttlePaths, ...quotaPaths],
  remove: ['/apiStages', '/quota', '/throttle', '/description', '/productCode'],
  replace: ['/name', '/description', '/productCode', ...throttlePaths, ...quotaPaths],
};

/** Operations take effect one after the other; the plan they end in must hold. */
function updateUsagePlan({ context, params, body }: Call) {
  return changeUsagePlans(context, async (document) => {
    const before = findUsagePlan(document, params.usageplanId!);
    const operations = readPatchOperations(body, paths);
    if (operations.length === 0) return { document, answer: () => view(before) };
    const draft = operations.reduce(
      (plan, operation) => apply(plan, operation, context.lenient),
      before,
    );
    const plan = settleUsagePlan(draft, context.lenient);
    return written(context, document, plan, before.apiStages);
  });
}

function apply(plan: UsagePlan, operation: PatchOperation, lenient: boolean): UsagePlan {
  const { op, path: at, value } = operation;
  if (at === '/apiStages') return { ...plan, apiStages: stagesAfter(plan.apiStages, operation) };
  const [, member = '', part] = at.split('/');
  if (op === 'remove') {
    return Object.fromEntries(
      Object.entries(plan).filter(([name]) => name !== member),
    ) as unknown as UsagePlan;
  }
  const asked =
    part === undefined
      ? { [member]: value }
      : { [member]: { [part]: part === 'period' ? value : numberOf(value) } };
  return patch(usagePlanFields, plan, readFields(usagePlanFields, asked, 'update', lenient));
}

/** `value` is `{apiId}:{stage}`. What is there already is not added twice. */
function stagesAfter(stages: readonly ApiStage[], { op, value }: PatchOperation): ApiStage[] {
  const [apiId = '', stage = '', ...more] = value.split(':');
  const rest = stages.filter((each) => apiStageName(each) !== value);
  if (apiId === '' || stage === '' || more.length > 0) throw badRequest(invalidStage);
  if (op === 'add')
    return rest.length < stages.length ? [...stages] : [...stages, { apiId, stage }];
  if (rest.length === stages.length) throw badRequest(invalidStage);
  return rest;
}

const invalidStage = 'Invalid API Stage specified';

/** The document with a new or changed plan; the APIs of stages that came are held until the commit. */
async function written(
  context: ControlContext,
  document: UsagePlansDocument,
  plan: UsagePlan,
  before: readonly ApiStage[],
) {
  const known = new Set(before.map(apiStageName));
  const added = plan.apiStages.filter((each) => !known.has(apiStageName(each)));
  const also = await holdApiStages(context, added);
  assertOnePlanPerStage(plan, document);
  return {
    document: { plans: put(document.plans, plan.id, plan) },
    also,
    answer: () => view(plan),
  };
}

/** Its keys stay, and are in one plan less. */
async function deleteUsagePlan({ context, params }: Call): Promise<void> {
  await changeUsagePlans(context, (document) => {
    const { id, apiStages } = findUsagePlan(document, params.usageplanId!);
    if (apiStages.length > 0) {
      throw badRequest(
        `Cannot delete Usage Plan ${id} because there are API Stages associated with it, ` +
          `including ${apiStageName(apiStages[0]!)}`,
      );
    }
    return { document: { plans: without(document.plans, id) }, answer: () => undefined };
  });
}

const view = (plan: UsagePlan) => viewOf(usagePlanFields, plan);
