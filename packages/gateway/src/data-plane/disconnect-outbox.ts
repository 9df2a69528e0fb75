/**
 * Nothing that was promised is forgotten: who is owed a `$disconnect` is written down before the client is
 * let in, and struck out when the backend has answered 2xx. In between it is tried again and again, by this
 * node or by whichever takes over what this one left behind, and in the end becomes a dead letter.
 */
import type { Clock } from '../ambient/clock.ts';
import type { ConnectionFacts } from '../connections/connection.ts';
import type { DeadDisconnect, DisconnectRecord } from '../connections/disconnect-record.ts';
import type { ConnectionDirectory, DirectoryEntry } from '../engines/connection-directory.ts';
import { DiskFull, EngineUnavailable, mayBeWritten } from '../engines/engine-unavailable.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { StageTable } from '../stages/stage-table.ts';
import type { Log } from '../telemetry/log.ts';
import { type Close, closes } from '../wire/close-codes.ts';
import type { RuleName } from '../wire/rules.ts';
import type { Work } from './data-plane.ts';
import type { DisconnectAttempt, Told } from './disconnect-route.ts';
import { backOffSeconds, RetrySchedule } from './retry-schedule.ts';

export interface OutboxSettings {
  readonly disconnectAttemptsMax: number;
  readonly disconnectRetrySeconds: number;
  readonly disconnectRetryMaxSeconds: number;
  readonly deadLettersMax: number;
}

export interface OutboxOptions {
  readonly directory: ConnectionDirectory;
  readonly settings: OutboxSettings;
  readonly stages: Pick<StageTable, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly work: Work;
  /** One attempt. */
  tell(attempt: DisconnectAttempt): Told | Promise<Told>;
  /** Another node has taken this connection over: it tells, and nothing is left to do here. */
  taken(ended: Ended): void;
}

/** A connection that is over. */
export interface Ended {
  readonly facts: ConnectionFacts;
  readonly close: Close;
  /** Why. */
  readonly rule: RuleName;
  /** By which it is remembered. */
  readonly entry?: DirectoryEntry | undefined;
  /**
   * The store may hold an entry that nobody here heard of. Whoever finds it there tells of this connection
   * too, and for the first time, so that here it is told as a retry.
   */
  readonly isDoubtful?: boolean;
  /** Its stage, where that is no longer there. */
  readonly retiredStage?: CompiledStage | undefined;
}

interface Task {
  readonly record: DisconnectRecord;
  /** Absent where the stage asked for AWS's single attempt, or nothing could be written. */
  readonly entry: DirectoryEntry | undefined;
  readonly retiredStage: CompiledStage | undefined;
  /** The backend knows; only the entry is left to be removed. */
  readonly isTold: boolean;
}

/** Further attempts and taken-over entries run beside the traffic, not instead of it. */
const AT_ONCE = 64;
const CLAIM_BATCH = 500;
/** What is told of a connection that nobody saw the end of. */
const ABANDONED = { close: closes.abnormal, rule: 'node-gone' } as const;
/** How long until the store is asked again that could not be reached. */
const STORE_RETRY_SECONDS = 1;

export class DisconnectOutbox {
  readonly #options: OutboxOptions;
  readonly #schedule: RetrySchedule<Task>;
  readonly #ready: Task[] = [];
  /** Ids of all entries this node knows to be its own. */
  readonly #known = new Set<string>();
  /** Whose entry could not be written, as far as is known; their backends have been told. */
  readonly #doubtful = new Set<string>();
  /** The store may have given this node entries that it never heard of. */
  #isUnsure = false;
  #running = 0;
  #isClaiming = false;
  #isStopped = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#schedule = new RetrySchedule(options.clock);
  }

  /** Looks at once, and every second, for what other nodes left behind. Stages must be loaded. */
  start(): void {
    this.#schedule.start((tasks) => {
      this.#enqueue(tasks);
      this.claimSoon();
    });
    this.claimSoon();
  }

  /** First attempts go on; whatever waits for another stays in the store, for whoever comes next. */
  stop(): void {
    this.#isStopped = true;
    this.#schedule.stop();
    this.#ready.length = 0;
  }

  /** Since the start of this process. */
  readonly counts = { takenOver: 0, retries: 0, buried: 0, lettersDropped: 0 };

  /** How many have been tried and wait to be tried again, here. */
  get waiting(): number {
    return this.#schedule.size + this.#ready.length;
  }

  /**
   * Writes down that a connection is owed a `$disconnect`. `undefined` where nobody is, or the stage asks
   * for AWS's single attempt. Resolves when it is stored, rejects when it cannot be.
   */
  owe(facts: ConnectionFacts, stage: CompiledStage): Promise<DirectoryEntry> | undefined {
    if (!stage.disconnectRoute?.integration || this.#attemptsMax(stage) === 1) return undefined;
    const record: DisconnectRecord = { facts, attempts: 0 };
    this.#known.add(facts.connectionId);
    const stored = this.#options.directory.add(facts.connectionId, record);
    // Whoever waits for it hears of a failure; but it may have been written all the same.
    stored.catch((error: unknown) => {
      this.#known.delete(facts.connectionId);
      if (!mayBeWritten(error)) return;
      this.#isUnsure = true;
      this.#doubtful.add(facts.connectionId);
    });
    return stored;
  }

  /** The client was not let in: nothing is owed. */
  forgive(owed: Promise<DirectoryEntry> | undefined): void {
    if (!owed) return;
    const forgiven = owed.then(
      (entry) => {
        const { facts } = entry.value as DisconnectRecord;
        const record = { facts, attempts: 0 };
        return this.#run({ record, entry, retiredStage: undefined, isTold: true });
      },
      () => {},
    );
    this.#options.work.run('Striking out a connection', forgiven);
  }

  /**
   * Tells the backend for the first time; resolves when that was tried, whatever came of it. `undefined`
   * where nobody is told: it is over already.
   */
  end(ended: Ended): Promise<void> | undefined {
    const { facts, close, rule, entry, retiredStage, isDoubtful = false } = ended;
    if (!entry && !isDoubtful && !this.#tellsBackend(ended)) {
      this.#options.tell({ facts, close, rule, retiredStage, retry: 0, isLast: false });
      return undefined;
    }
    const endedAt = this.#options.clock.now();
    const before = isDoubtful ? 1 : 0;
    const record = { facts, close, rule, endedAt, attempts: before, attemptsBefore: before };
    return this.#run({ record, entry, retiredStage, isTold: false });
  }

  /** Tries a dead letter again, as often as before. `false` when there is none of this id. */
  async replay(letterId: string): Promise<boolean> {
    const entry = await this.#options.directory.deadLetters.revive(letterId).catch((error) => {
      this.#isUnsure = true;
      throw error;
    });
    if (!entry) return false;
    this.#known.add(entry.connectionId);
    const dead = entry.value as DeadDisconnect;
    const { reason, buriedAt, ...record } = { ...dead, attemptsBefore: dead.attempts };
    this.#enqueue([{ record, entry, retiredStage: undefined, isTold: false }]);
    return true;
  }

  /** Takes over what other nodes left behind, as much as can be worked on. */
  claimSoon(): void {
    if (this.#isClaiming || this.#isStopped || this.#ready.length >= CLAIM_BATCH) return;
    this.#isClaiming = true;
    this.#options.work.run('Taking connections over', this.#claim());
  }

  async #claim(): Promise<void> {
    // A write that fails while the store is asked may be missing in its answer: it is for the next time.
    const isUnsure = this.#isUnsure;
    const doubtful = [...this.#doubtful];
    this.#isUnsure = false;
    try {
      const { directory } = this.#options;
      const entries = await directory.claim(CLAIM_BATCH);
      if (isUnsure) {
        const ids = new Set(entries.map(({ connectionId }) => connectionId));
        const isKnown = (id: string) => this.#known.has(id) || ids.has(id);
        entries.push(...(await directory.unknown(isKnown)));
      }
      this.#takeOver(entries);
      for (const connectionId of doubtful) this.#doubtful.delete(connectionId);
    } catch (error) {
      // It is asked again in a second, and what it has given without an answer is looked for.
      this.#isUnsure = true;
      if (!(error instanceof EngineUnavailable)) throw error;
    } finally {
      this.#isClaiming = false;
    }
  }

  #takeOver(entries: readonly DirectoryEntry[]): void {
    const { clock } = this.#options;
    const tasks = entries.map((entry) => {
      this.#known.add(entry.connectionId);
      const record = entry.value as DisconnectRecord;
      const ended = record.close ? {} : { ...ABANDONED, endedAt: clock.now() };
      // Of those that were refused because nobody knew better, the backend has been told.
      const isTold = this.#doubtful.has(entry.connectionId);
      return { record: { ...record, ...ended }, entry, retiredStage: undefined, isTold };
    });
    this.counts.takenOver += tasks.filter(({ isTold }) => !isTold).length;
    this.#enqueue(tasks);
  }

  #enqueue(tasks: readonly Task[]): void {
    if (this.#isStopped) return;
    this.#ready.push(...tasks);
    while (this.#running < AT_ONCE && this.#ready.length > 0) {
      this.#running += 1;
      this.#options.work.run('A $disconnect', this.#runAside(this.#ready.shift()!));
    }
  }

  async #runAside(task: Task): Promise<void> {
    try {
      await this.#run(task);
    } finally {
      this.#running -= 1;
      this.#enqueue([]);
      // There may be more where a full batch came from.
      if (this.#ready.length === 0 && this.#running === 0) this.claimSoon();
    }
  }

  async #run(task: Task): Promise<void> {
    if (task.isTold) return this.#strikeOut(task);
    const begun = await this.#begin(task);
    if (begun === 'later') return this.#schedule.add(task, STORE_RETRY_SECONDS);
    const { retiredStage, record } = task;
    const { facts, close = closes.abnormal, rule = 'connection-lost' } = record;
    const ended = { facts, close, rule, retiredStage };
    if (begun === 'taken') {
      this.#known.delete(facts.connectionId);
      return this.#options.taken(ended);
    }
    const retry = record.attempts;
    if (retry > 0) this.counts.retries += 1;
    const told = await this.#options.tell({ ...ended, retry, isLast: this.#isLast(begun) });
    if (told.kind === 'told') {
      if (retry > 0) this.#options.log.info('A $disconnect was told in the end', fields(begun));
      return this.#strikeOut({ ...begun, isTold: true });
    }
    return this.#failed(begun, told);
  }

  /** Writes down that an attempt begins: should this process die, the next one knows it is a retry. */
  async #begin(task: Task): Promise<Task | 'taken' | 'later'> {
    const record = { ...task.record, attempts: task.record.attempts + 1 };
    const begun = { ...task, record };
    if (!task.entry) return begun;
    try {
      const entry = { ...task.entry, value: record };
      return (await this.#options.directory.update(entry)) ? { ...begun, entry } : 'taken';
    } catch (error) {
      // The connection is still this node's; the backend need not wait until there is room.
      if (error instanceof DiskFull) return begun;
      // Out of reach, the store may have given this connection to another node: only it can say.
      if (error instanceof EngineUnavailable) return 'later';
      this.#options.log.error('An attempt of $disconnect could not be noted', error, fields(task));
      return begun;
    }
  }

  async #failed(task: Task, told: Extract<Told, { kind: 'failed' }>): Promise<void> {
    const { made, max } = this.#attempts(task);
    if (!task.entry && max === 1) return;
    const stored = await this.#stored(task);
    if (told.isFinal || made >= max) return this.#bury(stored, told.reason);
    const { settings } = this.#options;
    const { disconnectRetrySeconds: first, disconnectRetryMaxSeconds: longest } = settings;
    this.#schedule.add(stored, backOffSeconds(made, first, longest));
  }

  /** Whether it becomes a dead letter if this attempt fails; AWS's single attempt leaves none. */
  #isLast(begun: Task): boolean {
    const { made, max } = this.#attempts(begun);
    return made >= max && (begun.entry !== undefined || max > 1);
  }

  /** How many have begun since it was last asked for, and how many may. */
  #attempts({ record, retiredStage }: Task): { readonly made: number; readonly max: number } {
    const { facts, attempts, attemptsBefore = 0 } = record;
    const stage = this.#options.stages.find(facts.apiId, facts.stageName) ?? retiredStage;
    return { made: attempts - attemptsBefore, max: this.#attemptsMax(stage) };
  }

  /** A debt that nobody thought of when the client was let in: the route is younger than that. */
  async #stored(task: Task): Promise<Task> {
    if (task.entry) return task;
    try {
      const { directory } = this.#options;
      const { connectionId } = task.record.facts;
      this.#known.add(connectionId);
      return { ...task, entry: await directory.add(connectionId, task.record) };
    } catch {
      return task;
    }
  }

  async #strikeOut(task: Task): Promise<void> {
    if (!task.entry) return;
    try {
      await this.#options.directory.remove(task.entry);
      this.#known.delete(task.entry.connectionId);
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) {
        this.#options.log.error('A $disconnect could not be struck out', error, fields(task));
      }
      this.#schedule.add(task, STORE_RETRY_SECONDS);
    }
  }

  async #bury(task: Task, reason: string): Promise<void> {
    const { directory, log, clock, settings } = this.#options;
    if (!task.entry) return log.warn('A $disconnect is lost', { ...fields(task), reason });
    const now = clock.now();
    const value: DeadDisconnect = { ...task.record, reason, buriedAt: now };
    try {
      const entry = { ...task.entry, value };
      const { dropped } = await directory.deadLetters.bury(entry, now, settings.deadLettersMax);
      this.#known.delete(task.entry.connectionId);
      this.counts.buried += 1;
      this.counts.lettersDropped += dropped;
      log.warn('A $disconnect became a dead letter', { ...fields(task), reason });
      if (dropped > 0) log.warn('Dead letters were dropped, the oldest first', { dropped });
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) {
        log.error('A dead letter could not be written', error, fields(task));
      }
      // Told once more than asked for, rather than lost.
      this.#schedule.add(task, settings.disconnectRetryMaxSeconds);
    }
  }

  /** Whether anybody is to be told; that its stage is gone is a failure to tell. */
  #tellsBackend({ facts, retiredStage }: Ended): boolean {
    const stage = this.#options.stages.find(facts.apiId, facts.stageName) ?? retiredStage;
    return !stage || stage.disconnectRoute?.integration !== undefined;
  }

  #attemptsMax(stage: CompiledStage | undefined): number {
    return stage?.extensions.disconnectAttempts || this.#options.settings.disconnectAttemptsMax;
  }
}

function fields({ record }: Task) {
  const { connectionId, apiId, stageName } = record.facts;
  return { apiId, stage: stageName, connectionId, attempts: record.attempts };
}
