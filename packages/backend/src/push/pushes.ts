import { type Ambient, sleep } from '../ambient.ts';
import type { ConnectionRecord } from '../connections/connection-store.ts';
import type { Registry } from '../connections/registry.ts';
import { limits } from '../limits.ts';
import { describeError, type Log } from '../log.ts';
import { forEachBounded } from './bounded.ts';
import type { ManagementApi } from './management-api.ts';
import { encodePayload } from './payload.ts';
import { concernsEveryPush, isGone, PushError } from './push-error.ts';

/** What became of a push to many users. */
export interface PushSummary {
  /** Users reached on at least one connection. */
  readonly delivered: number;
  /** Users without an open connection, which is normal. */
  readonly notConnected: number;
  readonly failed: readonly { readonly userId: string; readonly error: PushError }[];
}

/** What became of a push to everybody. Connections are counted, not users. */
export interface FanOutSummary {
  /** Connections that took the message. */
  readonly delivered: number;
  /** Connections whose client reads too slowly. */
  readonly refused: number;
  /** Connections that had closed. */
  readonly gone: number;
  /** Nodes of Postern that did not say in time what they did: their connections are not counted. */
  readonly unreached: readonly string[];
  /** Where each connection is pushed to by itself: those pushes that failed otherwise. */
  readonly failed: readonly { readonly connectionId: string; readonly error: PushError }[];
}

export interface PushParts {
  readonly management: ManagementApi;
  readonly registry: Registry;
  readonly concurrency: number;
  readonly ambient: Ambient;
  readonly log: Log;
}

/** Sending to connections and users, and forgetting connections that turn out to be gone. */
export class Pushes {
  readonly #parts: PushParts;

  constructor(parts: PushParts) {
    this.#parts = parts;
  }

  async toConnection(connectionId: string, payload: unknown): Promise<boolean> {
    return this.#deliver(connectionId, encodePayload(payload));
  }

  async toUser(userId: string, payload: unknown): Promise<boolean> {
    return this.#deliverToUser(userId, encodePayload(payload));
  }

  async toUsers(userIds: Iterable<string>, payload: unknown): Promise<PushSummary> {
    const data = encodePayload(payload);
    const failed: { userId: string; error: PushError }[] = [];
    let delivered = 0;
    let notConnected = 0;
    await forEachBounded(new Set(userIds), this.#parts.concurrency, async (userId) => {
      try {
        if (await this.#deliverToUser(userId, data)) delivered++;
        else notConnected++;
      } catch (error) {
        if (!(error instanceof PushError) || concernsEveryPush(error)) throw error;
        failed.push({ userId, error });
      }
    });
    return { delivered, notConnected, failed };
  }

  async toAll(payload: unknown): Promise<FanOutSummary> {
    const data = encodePayload(payload);
    const counts = await this.#parts.management.postToAll(data);
    return counts ? { unreached: [], failed: [], ...counts } : this.#toEachOnRecord(data);
  }

  /** The same without a call for it: a push for each record. */
  async #toEachOnRecord(data: Uint8Array): Promise<FanOutSummary> {
    const failed: { connectionId: string; error: PushError }[] = [];
    const counts = { delivered: 0, refused: 0, gone: 0 };
    await this.#forEachRecord(async ({ connection_id: connectionId }) => {
      try {
        if (await this.#deliver(connectionId, data)) counts.delivered++;
        else counts.gone++;
      } catch (error) {
        if (!(error instanceof PushError) || concernsEveryPush(error)) throw error;
        if (error.name === 'LimitExceededException') counts.refused++;
        else failed.push({ connectionId, error });
      }
    });
    return { ...counts, unreached: [], failed };
  }

  async #forEachRecord(visit: (record: ConnectionRecord) => Promise<void>): Promise<void> {
    const { registry, concurrency } = this.#parts;
    const limit = limits.pageRecordsMax;
    let after: string | undefined;
    for (;;) {
      const records = await registry.store.list({ after, limit });
      await forEachBounded(records, concurrency, visit);
      if (records.length < limit) return;
      after = records.at(-1)!.connection_id;
    }
  }

  /** Closes the connection and forgets it. False when it was gone already. */
  async disconnect(connectionId: string): Promise<boolean> {
    const { management, registry } = this.#parts;
    const wasOpen = await reached(management.delete(connectionId));
    await registry.store.remove(connectionId);
    return wasOpen;
  }

  /** Asks the gateway about every record and removes those that are gone. Gives their number. */
  async sweepStale(): Promise<number> {
    const { registry } = this.#parts;
    let removed = 0;
    await this.#forEachRecord(async (record) => {
      if (registry.isYoung(record) || (await this.#isOpen(record.connection_id))) return;
      await this.#forget(record);
      removed++;
    });
    return removed;
  }

  /**
   * The guide's IAM policy allows POST alone. Under it the question is put as a heartbeat, which
   * the guide's client ignores.
   */
  async #isOpen(connectionId: string): Promise<boolean> {
    const { management } = this.#parts;
    try {
      return await reached(management.get(connectionId));
    } catch (error) {
      if (!(error instanceof PushError) || error.status !== 403) throw error;
      return reached(management.post(connectionId, encodePayload({ type: 'heartbeat' })));
    }
  }

  async #deliverToUser(userId: string, data: Uint8Array): Promise<boolean> {
    const records = await this.#parts.registry.store.findByUser(userId);
    const pushes = records.map((record) => this.#deliver(record.connection_id, data));
    const results = await Promise.allSettled(pushes);
    const isDelivered = results.some((it) => it.status === 'fulfilled' && it.value);
    const failure = results.find((it) => it.status === 'rejected');
    if (failure !== undefined && !isDelivered) throw failure.reason;
    if (failure !== undefined) {
      const error = describeError(failure.reason, []);
      this.#parts.log({ level: 'warn', event: 'push failed on one connection', userId, error });
    }
    return isDelivered;
  }

  async #deliver(connectionId: string, data: Uint8Array): Promise<boolean> {
    const { management, registry, ambient } = this.#parts;
    for (;;) {
      if (await reached(management.post(connectionId, data))) return true;
      // Inside its own handshake a connection is 410 by rule: no reason to forget it.
      if (registry.isConnecting(connectionId)) return false;
      const record = await registry.store.find(connectionId);
      if (record === undefined) return false;
      if (!registry.isYoung(record)) {
        await this.#forget(record);
        return false;
      }
      await sleep(ambient, limits.connectGraceRetryMillis);
    }
  }

  async #forget({ connection_id: connectionId, user_id: userId }: ConnectionRecord): Promise<void> {
    await this.#parts.registry.store.remove(connectionId);
    this.#parts.log({ level: 'info', event: 'stale record deleted', connectionId, userId });
  }
}

/** Whether the connection was there to be reached. Other failures pass through. */
async function reached(call: Promise<void>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
