import type { Change, Stored } from '../../engines/engine.ts';
import { readPatchOperations } from '../../resources/json-patch.ts';
import { badRequest } from '../../resources/problems.ts';
import {
  dayOf,
  daysFrom,
  noUsage,
  periodStart,
  remainingOn,
  type Usage,
  type UsageGrants,
  usageDaysKept,
  usageKey,
  withRemaining,
} from '../../resources/usage.ts';
import type { UsagePlan } from '../../resources/usage-plan.ts';
import { readUses } from '../../throttling/usage-counter.ts';
import { commitAttemptsMax, concurrentModification } from '../document-store.ts';
import type { Call, ControlContext, Operation } from '../operation.ts';
import { apiKeyDocuments } from './api-key-store.ts';
import { listOf } from './list.ts';
import { findUsagePlan, readUsagePlans } from './usage-plan-store.ts';

const plan = '/usageplans/{usageplanId}';

export const usageOperations: Operation[] = [
  { operation: 'GetUsage', method: 'GET', path: `${plan}/usage`, status: 200, handler: getUsage },
  {
    operation: 'UpdateUsage',
    method: 'PATCH',
    path: `${plan}/keys/{keyId}/usage`,
    status: 200,
    handler: updateUsage,
  },
];

/** What is shown as remaining where the plan has no quota: as many as the field can say. */
const UNLIMITED = 2_147_483_647;

/** Per key of the plan one pair a day: how often it was used, and how often it still may be. */
async function getUsage(call: Call) {
  const { context, params, query } = call;
  const found = findUsagePlan(await readUsagePlans(context), params.usageplanId!);
  const days = readDays(query);
  const keyId = query.get('keyId');
  const keyIds = found.keyIds.filter((id) => keyId === null || id === keyId);
  const keys = Object.fromEntries(keyIds.map((id) => [id, id]));
  const { item, position } = await listOf(call, `usage ${found.id}`, keys, async (id) => {
    const { usage } = await readUsage(context, found, id, days);
    return [id, days.map((day) => pairOf(found, usage, day))] as const;
  });
  return {
    usagePlanId: found.id,
    startDate: days[0],
    endDate: days.at(-1),
    ...(position !== undefined && { position }),
    values: Object.fromEntries(item as [string, number[][]][]),
  };
}

/** `replace /remaining`: as many uses as the value says are left in the period under way. */
async function updateUsage({ context, params, body }: Call) {
  const found = findUsagePlan(await readUsagePlans(context), params.usageplanId!);
  const keyId = params.keyId!;
  if (!found.keyIds.includes(keyId)) throw apiKeyDocuments.unknown(context, keyId);
  const { quota } = found;
  if (!quota) throw badRequest('Usage Plan has no quota');
  const remaining = readPatchOperations(body, { replace: ['/remaining'] }).map(({ value }) => {
    if (!/^\d{1,15}$/.test(value)) throw badRequest('Invalid remaining value specified');
    return Number(value);
  });
  const day = dayOf(context.clock.now());
  for (let attempt = 0; attempt < commitAttemptsMax; attempt += 1) {
    const { usage, stored } = await readUsage(context, found, keyId, [day]);
    const changed = remaining.reduce(
      (before, count) => withRemaining(day, before, quota, count),
      usage,
    );
    const change: Change = {
      key: usageKey(found.id, keyId),
      value: { granted: changed.granted } satisfies UsageGrants,
      expectedVersion: stored?.version ?? 0,
    };
    if (!(await context.store.commit([change]))) continue;
    const values = { [keyId]: [pairOf(found, changed, day)] };
    return { usagePlanId: found.id, startDate: day, endDate: day, values };
  }
  throw concurrentModification();
}

/** With all uses that what remained on any of these days depends on. */
async function readUsage(
  { store, counters }: ControlContext,
  { id, quota }: UsagePlan,
  keyId: string,
  days: readonly string[],
): Promise<{ readonly usage: Usage; readonly stored: Stored | undefined }> {
  const name = usageKey(id, keyId);
  const [first, last] = [days[0]!, days.at(-1)!];
  const counted = daysFrom(quota ? periodStart(first, quota) : first, last);
  const stored = await store.get(name);
  const { granted } = (stored?.value ?? noUsage) as UsageGrants;
  return { usage: { granted, used: await readUses(counters, name, counted) }, stored };
}

function pairOf({ quota }: UsagePlan, usage: Usage, day: string): [number, number] {
  return [usage.used[day] ?? 0, quota ? remainingOn(day, usage, quota) : UNLIMITED];
}

function readDays(query: URLSearchParams): string[] {
  const [start, end] = ['startDate', 'endDate'].map((name) => {
    const text = query.get(name) ?? '';
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(time)) throw badRequest(`Invalid ${name} specified. Must be YYYY-MM-DD`);
    return time;
  }) as [number, number];
  const count = (end - start) / 86_400_000 + 1;
  if (count < 1 || count > usageDaysKept) {
    throw badRequest(`Usage can be asked for over 1 to ${usageDaysKept} days`);
  }
  return daysFrom(dayOf(start), dayOf(end));
}
