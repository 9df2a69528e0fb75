import type { Field, FieldTable } from './field.ts';
import { badRequest, conflict } from './problems.ts';
import type { Dictionary } from './record.ts';
import { tagsRule } from './tags.ts';

/** How much the holders of some API keys may use some stages. */
export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly productCode?: string;
  readonly apiStages: readonly ApiStage[];
  /** Of each key, over all stages of the plan. */
  readonly throttle?: { readonly burstLimit?: number; readonly rateLimit?: number };
  /** Of each key: `limit` connections per `period`, which begins `offset` days late. */
  readonly quota?: UsageQuota;
  readonly tags?: Readonly<Record<string, string>>;
  /** Ids of the API keys in the plan, in the order they came. Not shown with the plan. */
  readonly keyIds: readonly string[];
}

export interface ApiStage {
  readonly apiId: string;
  readonly stage: string;
  /** Throttling of single methods belongs to REST APIs: lenient mode keeps it. */
  readonly throttle?: unknown;
}

export interface UsageQuota {
  readonly limit: number;
  readonly offset: number;
  readonly period: 'DAY' | 'WEEK' | 'MONTH';
}

/**
 * All usage plans, stored as one document: keys, plans and stages meet in rules that span them all, and
 * are checked and written under one version.
 */
export interface UsagePlansDocument {
  /** By id. */
  readonly plans: Dictionary<UsagePlan>;
}

export const USAGE_PLANS_KEY = 'usageplans/all';

const quotaPeriods = ['DAY', 'WEEK', 'MONTH'] as const;
/** The last day of a period, counted from 0. Months have 28 at least. */
const offsetMax = { DAY: 0, WEEK: 6, MONTH: 27 } as const;

const invalidLimit = 'Usage Plan quota limit must be a non-negative numeric';
const invalidPeriod = `Invalid Usage Plan quota period specified. Must be one of [${quotaPeriods.join(', ')}]`;

const throttleFields: readonly Field[] = [
  { name: 'burstLimit', kind: 'number', isWhole: true, min: 0 },
  { name: 'rateLimit', kind: 'number', min: 0 },
];

const quotaFields: readonly Field[] = [
  { name: 'limit', kind: 'number', isWhole: true, min: 1, otherwise: () => invalidLimit },
  // Its bounds follow from the period.
  { name: 'offset', kind: 'number', isWhole: true, min: Number.MIN_SAFE_INTEGER, initial: 0 },
  { name: 'period', kind: 'text', oneOf: quotaPeriods, otherwise: () => invalidPeriod },
];

export const usagePlanFields: FieldTable<UsagePlan> = {
  noun: 'UsagePlan',
  fields: [
    {
      name: 'name',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 1024,
      required: 'Usage Plan name is required',
    },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'productCode', kind: 'text', lengthMax: 1024, only: 'update', isClearable: true },
    {
      name: 'apiStages',
      kind: 'list',
      initial: [],
      of: {
        kind: 'object',
        patch: 'replace',
        members: [
          { name: 'apiId', kind: 'text', lengthMax: 64 },
          { name: 'stage', kind: 'text', lengthMax: 128 },
          { name: 'throttle', kind: 'json' },
        ],
      },
    },
    { name: 'throttle', kind: 'object', patch: 'merge', members: throttleFields },
    { name: 'quota', kind: 'object', patch: 'merge', members: quotaFields },
    { name: 'tags', ...tagsRule, only: 'create' },
  ],
  given: ['id'],
};

/** The rules over a whole plan. What would leave a quota without meaning holds in lenient mode too. */
export function settleUsagePlan(plan: UsagePlan, lenient: boolean): UsagePlan {
  if (plan.quota) assertQuota(plan.quota);
  for (const { apiId, stage, throttle } of plan.apiStages) {
    if (!apiId || !stage) {
      throw badRequest(
        `Invalid API Stage {api: ${apiId ?? ''}, stage: ${stage ?? ''}} ` +
          `specified for usageplan ${plan.name}`,
      );
    }
    if (!lenient && Object.keys(throttle ?? {}).length > 0) {
      throw badRequest('Throttling of methods is not supported for WEBSOCKET protocolType');
    }
  }
  return plan;
}

function assertQuota({ limit, offset, period }: Partial<UsageQuota>): void {
  if (limit === undefined) throw badRequest(invalidLimit);
  if (period === undefined) throw badRequest(invalidPeriod);
  if (offset === undefined || offset < 0 || offset > offsetMax[period]) {
    throw badRequest(
      `Usage Plan quota offset must be between 0 and ${offsetMax[period]} inclusive ` +
        `in the ${period} period`,
    );
  }
}

/** As `{apiId}:{stage}`, the way operations on a plan name one. */
export function apiStageName({ apiId, stage }: ApiStage): string {
  return `${apiId}:${stage}`;
}

/** Throws when a key of the plan is in another one for the same stage: whose limits were to hold? */
export function assertOnePlanPerStage(plan: UsagePlan, { plans }: UsagePlansDocument): void {
  const stages = new Set(plan.apiStages.map(apiStageName));
  for (const other of Object.values(plans)) {
    if (other.id === plan.id) continue;
    const shared = other.apiStages.map(apiStageName).find((name) => stages.has(name));
    const keyId = shared && other.keyIds.find((id) => plan.keyIds.includes(id));
    if (keyId) {
      throw conflict(
        'API Key cannot reference multiple Usage Plans with the same API stages: ' +
          `Key: ${keyId} Stage: ${shared}`,
      );
    }
  }
}

/** The document without the API, or without one stage of it, in any plan; the same when none has it. */
export function withoutApiStage(
  document: UsagePlansDocument,
  apiId: string,
  stageName?: string,
): UsagePlansDocument {
  const isGone = (each: ApiStage) =>
    each.apiId === apiId && (stageName ?? each.stage) === each.stage;
  const entries = Object.entries(document.plans);
  if (!entries.some(([, plan]) => plan.apiStages.some(isGone))) return document;
  const plans = entries.map(([id, plan]) => {
    const apiStages = plan.apiStages.filter((each) => !isGone(each));
    return [id, { ...plan, apiStages }] as const;
  });
  return { plans: Object.fromEntries(plans) };
}

/** The document without a key in any plan; the same when none has it. */
export function withoutKey(document: UsagePlansDocument, keyId: string): UsagePlansDocument {
  const entries = Object.entries(document.plans);
  if (!entries.some(([, plan]) => plan.keyIds.includes(keyId))) return document;
  const plans = entries.map(([id, plan]) => {
    const keyIds = plan.keyIds.filter((each) => each !== keyId);
    return [id, { ...plan, keyIds }] as const;
  });
  return { plans: Object.fromEntries(plans) };
}
