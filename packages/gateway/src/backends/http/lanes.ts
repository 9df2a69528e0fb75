/**
 * Calls of plain http backends, on connections of our own. undici carries the same calls at twice the
 * cost (docs/decisions.md has the measurement), and what a call costs is most of what a message costs.
 */
import type { Cancel, Clock } from '../../ambient/clock.ts';
import { guardedConnect, guardedLookup, type HostGuard } from '../guarded-connect.ts';
import type { Exchange } from './exchange.ts';
import type { HttpCall } from './http-call.ts';
import { Lane } from './lane.ts';
import { BackendClosed } from './lane-connection.ts';
import { plainConnect } from './plain-connect.ts';
import { requestHead } from './request-head.ts';

const SWEEP_MILLIS = 1000;

export interface LanesOptions {
  readonly clock: Clock;
  readonly connectionsPerOriginMax: number;
  readonly guard: HostGuard;
}

interface OriginLane {
  readonly lane: Lane;
  /** As a Host header names it. */
  readonly host: string;
}

export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, OriginLane>();
  readonly #cancelSweep: Cancel;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#cancelSweep = options.clock.every(SWEEP_MILLIS, () => this.#sweep());
  }

  /** The head of a call's request, for its exchange. Throws `RequestError` where there can be none. */
  headOf({ origin, method, path, headers, body }: HttpCall): string {
    const { host } = this.#laneTo(origin);
    return requestHead({ method, path, headers, host, bodyBytes: body?.length ?? null });
  }

  send(origin: string, exchange: Exchange): void {
    this.#laneTo(origin).lane.send(exchange);
  }

  stop(): void {
    this.#cancelSweep();
    for (const { lane } of this.#lanes.values()) lane.stop(new BackendClosed());
    this.#lanes.clear();
  }

  #laneTo(origin: string): OriginLane {
    const known = this.#lanes.get(origin);
    if (known) return known;
    const { hostname, host, port } = new URL(origin);
    const { clock, connectionsPerOriginMax, guard } = this.#options;
    const target = { hostname, host, port: port === '' ? '80' : port, protocol: 'http:' };
    const connect = guardedConnect(guard, plainConnect(guardedLookup(guard)));
    const lane = new Lane({
      clock,
      connectionsMax: connectionsPerOriginMax,
      connect: (done) => connect(target, (error, socket) => done(error, socket)),
    });
    const made = { lane, host };
    this.#lanes.set(origin, made);
    return made;
  }

  /** A lane that nobody uses is forgotten: origins may come from stage variables of bygone stages. */
  #sweep(): void {
    const now = this.#options.clock.ticks();
    for (const [origin, { lane }] of this.#lanes) {
      lane.sweep(now);
      if (lane.isEmpty) this.#lanes.delete(origin);
    }
  }
}
