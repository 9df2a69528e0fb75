/** The debug endpoints of the integration guide, section 5.1. */

import { limits } from '../limits.ts';
import { describeError } from '../log.ts';
import type { DebugOptions } from '../options.ts';
import { PushError } from '../push/push-error.ts';
import { type Call, Refusal, type Route, type RouteParts, textOf } from './call.ts';
import { type BackendResponse, json } from './request.ts';

export interface DebugRoutes {
  /** `GET {base}/ws-connections?after=&limit=` */
  readonly listConnections: Route;
  /** `POST {base}/ws-push-test/{user_id}`: pushes the body, or a test message without one. */
  readonly pushTest: Route;
  /** `DELETE {base}/ws-connections/stale` */
  readonly deleteStale: Route;
}

export function debugRoutes<User extends string>(
  parts: RouteParts<User>,
  debug: DebugOptions,
): DebugRoutes {
  const { registry, pushes, log } = parts;
  const guarded = (route: Route): Route => {
    return async (call) => {
      if ((await debug.authorize(call.details)) !== true)
        return json(403, { message: 'Forbidden' });
      return route(call);
    };
  };
  /** A failed push is the answer to a debug question, not a failure of the endpoint. */
  const explained = (route: Route): Route => {
    return async (call) => {
      try {
        return await route(call);
      } catch (error) {
        if (!(error instanceof PushError)) throw error;
        log({ level: 'warn', event: 'debug push failed', error: describeError(error, []) });
        const { name, status, message, hint } = error;
        return json(502, { message, name, status, hint });
      }
    };
  };

  return {
    listConnections: guarded(async ({ details }) => {
      const limit = pageLimit(details.query.limit);
      const connections = await registry.store.list({ after: details.query.after, limit });
      return json(200, { count: connections.length, connections });
    }),
    pushTest: guarded(
      explained(async (call) => {
        const userId = userIdOf(call);
        const text = await textOf(call);
        const delivered = await pushes.toUser(userId, text === '' ? testMessage : text);
        return json(200, { user_id: userId, delivered });
      }),
    ),
    deleteStale: guarded(
      explained(async (): Promise<BackendResponse> => {
        return json(200, { removed: await pushes.sweepStale() });
      }),
    ),
  };
}

const testMessage = { type: 'test', message: 'Test push' };

function pageLimit(text: string | undefined): number {
  if (text === undefined) return limits.pageRecordsMax;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.pageRecordsMax) {
    throw new Refusal(json(400, { message: `limit must be 1 to ${limits.pageRecordsMax}` }));
  }
  return limit;
}

function userIdOf({ rest }: Call): string {
  try {
    return decodeURIComponent(rest);
  } catch {
    throw new Refusal(json(400, { message: 'The user id in the path is not URL-encoded' }));
  }
}
