/** Writes what stages ask for: a row of the access log and lines of the execution log for each event. */
import type { HttpCaller } from '../backends/http-caller.ts';
import type { Log } from '../telemetry/log.ts';
import { redact } from '../telemetry/redact.ts';
import { accessValue, hasAccessRow } from './access-values.ts';
import { executionLines } from './execution-log.ts';
import type { Facts } from './facts.ts';
import { executionLogGroup, type LogDestination, readDestination } from './log-destination.ts';
import { type Deliver, LogLines } from './log-lines.ts';
import { toFolder, toStdout, toUrl } from './log-places.ts';

export interface StageLogsOptions {
  /** What stands in for CloudWatch: `stdout`, `off`, a URL, or a folder. */
  readonly groups: string;
  /** For `file:NAME`; absent where nothing is kept. */
  readonly folder: string | undefined;
  readonly http: Pick<HttpCaller, 'call'>;
  readonly log: Log;
  stdout(text: string): void;
}

/** A place that fails is told of at most so often. */
const COMPLAINT_MILLIS = 60_000;
const STOP_MILLIS = 3_000;
/** Places beyond this many are not opened: a stage could name a new one with every change. */
const PLACES_MAX = 100;

export class StageLogs {
  readonly #options: StageLogsOptions;
  readonly #places = new Map<string, LogLines>();
  readonly #destinations = new Map<string, LogDestination>();
  #notOpened = 0;

  constructor(options: StageLogsOptions) {
    this.#options = options;
  }

  /** Never throws and never waits. */
  write(facts: Facts): void {
    const { stage, event, at } = facts;
    if (!stage || stage.monitoring.isSilent) return;
    const { accessLog } = stage.monitoring;
    if (accessLog && hasAccessRow(facts)) {
      const text = accessLog.format.render((path) => accessValue(facts, path));
      const destination = this.#destinationOf(accessLog.destination);
      const group = 'name' in destination ? destination.name : accessLog.destination;
      this.#placeOf(destination)?.write({ group, at, kind: 'access', text });
    }
    const { routes, usual } = stage.monitoring;
    const lines = executionLines(facts, routes.get(event.route ?? '') ?? usual);
    if (lines.length === 0) return;
    const group = executionLogGroup(stage.apiId, stage.stageName);
    const place = this.#placeOf({ kind: 'group', name: group });
    for (const text of lines) place?.write({ group, at, kind: 'execution', text });
  }

  /** Lines that never arrived, since the start. */
  get dropped(): number {
    return [...this.#places.values()].reduce((sum, place) => sum + place.dropped, this.#notOpened);
  }

  /** Hands over what is held; a place that does not take it within `STOP_MILLIS` loses it. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MILLIS);
    });
    const flushed = Promise.all([...this.#places.values()].map((place) => place.flush()));
    await Promise.race([flushed, limit]);
    clearTimeout(timer);
  }

  /** Read once for each text: events come by thousands. */
  #destinationOf(text: string): LogDestination {
    const known = this.#destinations.get(text);
    if (known) return known;
    const destination = readDestination(text);
    if (this.#destinations.size < PLACES_MAX) this.#destinations.set(text, destination);
    return destination;
  }

  #placeOf(destination: LogDestination): LogLines | undefined {
    const name = this.#placeName(destination);
    if (name === 'off') return undefined;
    const known = this.#places.get(name);
    if (known) return known;
    if (this.#places.size >= PLACES_MAX) {
      this.#notOpened += 1;
      return undefined;
    }
    const place = new LogLines({ deliver: this.#deliverTo(name), lost: this.#complaintOf(name) });
    this.#places.set(name, place);
    return place;
  }

  /** `stdout`, `off`, a URL, or a folder. */
  #placeName(destination: LogDestination): string {
    const { groups, folder } = this.#options;
    switch (destination.kind) {
      case 'group':
        return groups;
      case 'stdout':
        return 'stdout';
      case 'file':
        return folder ?? groups;
      case 'http':
        return destination.url;
    }
  }

  #deliverTo(name: string): Deliver {
    const { stdout, http } = this.#options;
    if (name === 'stdout') return toStdout(stdout);
    return /^https?:\/\//.test(name) ? toUrl(http, name) : toFolder(name);
  }

  #complaintOf(name: string) {
    let complainedAt = -COMPLAINT_MILLIS;
    return (error: unknown, count: number) => {
      const now = performance.now();
      if (now - complainedAt < COMPLAINT_MILLIS) return;
      complainedAt = now;
      const reason = redact(error instanceof Error ? error.message : String(error));
      const place = redact(name).replace(/:\/\/[^/]*@/, '://…@');
      this.#options.log.warn('Lines of stage logs are lost', { place, reason, count });
    };
  }
}
