/**
 * How many requests a stage serves per route (developer guide, "Protect your WebSocket APIs"). The
 * numbers are the stage's and not the deployment's: a change is in force at once.
 */
import { limits } from '../wire/limits.ts';
import { own } from './record.ts';
import type { Stage } from './stage.ts';

export interface RateLimit {
  /** Requests a second in the long run. */
  readonly rateLimit: number;
  /** Requests at once. 0 lets nothing through. */
  readonly burstLimit: number;
}

/**
 * Limits by route key, each for its route alone. What `routeSettings` leave out is taken from
 * `defaultRouteSettings`; where neither says anything the route has no limit.
 */
export function compileRateLimits(
  { defaultRouteSettings, routeSettings }: Stage,
  routeKeys: Iterable<string>,
): ReadonlyMap<string, RateLimit> {
  const rateLimits = new Map<string, RateLimit>();
  for (const routeKey of routeKeys) {
    const { throttlingRateLimit, throttlingBurstLimit } = {
      ...defaultRouteSettings,
      ...own(routeSettings, routeKey),
    };
    if (throttlingRateLimit === undefined && throttlingBurstLimit === undefined) continue;
    // Of a pair of which one is missing, AWS takes the other from the account.
    rateLimits.set(routeKey, {
      rateLimit: throttlingRateLimit ?? limits.accountRateLimit,
      burstLimit: throttlingBurstLimit ?? limits.accountBurstLimit,
    });
  }
  return rateLimits;
}
