import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import type { ConnectionLimits } from '../connections/connection.ts';
import type { ConnectionIds } from '../connections/connection-id.ts';
import type { Hub } from '../connections/hub.ts';
import type { IntegrationRunner } from '../integrations/run-integration.ts';
import type { Recorder } from '../monitoring/recorder.ts';
import type { StageTable } from '../stages/stage-table.ts';
import type { Log } from '../telemetry/log.ts';
import type { AddressLimits } from '../throttling/address-limits.ts';
import type { Throttle } from '../throttling/throttle.ts';
import type { Admission } from './admission.ts';
import type { ClientAddress } from './client-address.ts';
import type { DisconnectOutbox } from './disconnect-outbox.ts';

/** The parts that the stories of a connection are told with; put together once, in `server/`. */
export interface DataPlane {
  readonly stages: StageTable;
  readonly hub: Hub;
  readonly ids: ConnectionIds;
  readonly outbox: DisconnectOutbox;
  readonly integrations: IntegrationRunner;
  readonly admission: Admission;
  readonly clientAddress: ClientAddress;
  readonly throttle: Throttle;
  readonly addressLimits: AddressLimits;
  readonly connectionLimits: ConnectionLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly work: Work;
}

/** Everything that is under way, so that a stopping gateway can wait for it. */
export class Work {
  readonly #pending = new Set<Promise<void>>();
  readonly #log: Log;
  /** Begun and not ended: what is no promise. */
  #begun = 0;
  #ended: (() => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Runs to its end unattended. A rejection is a bug: logged here, once, and ends nothing else. */
  run(what: string, work: Promise<void>): void {
    const tracked = work.then(
      () => void this.#pending.delete(tracked),
      (error: unknown) => {
        this.#pending.delete(tracked);
        this.failed(what, error);
      },
    );
    this.#pending.add(tracked);
  }

  /** Something is under way that will say when it is over: `end` is owed. */
  begin(): void {
    this.#begun += 1;
  }

  end(): void {
    this.#begun -= 1;
    if (this.#begun > 0 || this.#ended.length === 0) return;
    for (const resolve of this.#ended) resolve();
    this.#ended = [];
  }

  /** A bug ended it. */
  failed(what: string, bug: unknown): void {
    this.#log.error(`${what} failed`, bug);
  }

  /** How much of it there is. */
  get size(): number {
    return this.#pending.size + this.#begun;
  }

  async settled(): Promise<void> {
    while (this.size > 0) {
      await Promise.all(this.#pending);
      if (this.#begun > 0) await new Promise<void>((resolve) => this.#ended.push(resolve));
    }
  }
}
