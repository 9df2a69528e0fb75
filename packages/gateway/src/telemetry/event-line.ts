/**
 * The JSON line of an event. Each connect, message and push writes one: that is far more often than
 * anything else is logged, so the line is put together here, member by member, and by no library.
 */
import type { EventKind, LogEvent } from './log.ts';
import { redact } from './redact.ts';

/** `base` stands in every line, behind its time: `,"worker":2`, or nothing. */
export function eventLine(event: LogEvent, now: number, base: string): string {
  const crowd = crowdOf(event.kind);
  // In few pieces: a line that is put together of many takes longer to be written.
  return crowd.beginning(event, now, base) + idsOf(event) + crowd.middle(event) + endOf(event);
}

function idsOf({ connectionId, requestId }: LogEvent): string {
  const areBoth = connectionId !== undefined && requestId !== undefined;
  if (areBoth && PLAIN.test(connectionId) && PLAIN.test(requestId)) {
    return `,"connectionId":"${connectionId}","requestId":"${requestId}"`;
  }
  let ids = '';
  if (connectionId !== undefined) ids += `,"connectionId":${quoted(connectionId)}`;
  if (requestId !== undefined) ids += `,"requestId":${quoted(requestId)}`;
  return ids;
}

/** How long it took, and what only some events have. */
function endOf({ millis, bytes, reason, rule, delivered, refused, gone, retry }: LogEvent): string {
  let end = bytes === undefined ? String(millis) : `${millis},"bytes":${bytes}`;
  // Everything else in an event is the gateway's own word; only a reason may quote a stranger.
  if (reason) end += `,"reason":${quoted(redact(reason))}`;
  if (rule !== undefined) end += `,"rule":"${rule}"`;
  if (delivered !== undefined) end += `,"delivered":${delivered}`;
  if (refused !== undefined) end += `,"refused":${refused}`;
  if (gone !== undefined) end += `,"gone":${gone}`;
  if (retry !== undefined) end += `,"retry":${retry}`;
  return `${end}}\n`;
}

/** Text that stands in JSON as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/**
 * Events come in crowds: what the one before of a kind was, when, and of which stage, need not be written
 * again.
 */
class Crowd {
  readonly #kind: EventKind;
  #apiId: string | undefined;
  #stage: string | undefined;
  #sort: string;
  #now = -1;
  #base = '';
  #isWarning = false;
  #beginning = '';
  #isWhole = false;
  #route: string | undefined;
  #status = -1;
  #middle = '';

  constructor(kind: EventKind) {
    this.#kind = kind;
    this.#sort = `,"event":"${kind}"`;
  }

  /** Up to the ids. */
  beginning({ apiId, stage, status }: LogEvent, now: number, base: string): string {
    const isWarning = status >= 500 && this.#kind !== 'disconnect';
    const isSameSort = apiId === this.#apiId && stage === this.#stage;
    const isSameTime = now === this.#now && base === this.#base && isWarning === this.#isWarning;
    if (isSameSort && isSameTime) {
      // Used a second time, it is worth being made one piece.
      if (!this.#isWhole) this.#beginning = whole(this.#beginning);
      this.#isWhole = true;
      return this.#beginning;
    }
    if (!isSameSort) this.#sort = sortOf(this.#kind, apiId, stage);
    this.#apiId = apiId;
    this.#stage = stage;
    this.#now = now;
    this.#base = base;
    this.#isWarning = isWarning;
    const level = isWarning ? 'warn' : 'info';
    this.#beginning = `{"level":"${level}","time":"${isoTime(now)}"${base}${this.#sort}`;
    this.#isWhole = false;
    return this.#beginning;
  }

  /** From the ids to how long it took. */
  middle({ route, status }: LogEvent): string {
    if (route !== this.#route || status !== this.#status) {
      this.#route = route;
      this.#status = status;
      const routeText = route === undefined ? '' : `,"route":${quoted(route)}`;
      this.#middle = whole(`${routeText},"status":${status},"millis":`);
    }
    return this.#middle;
  }
}

const crowds = new Map<EventKind, Crowd>();

function crowdOf(kind: EventKind): Crowd {
  let crowd = crowds.get(kind);
  if (crowd === undefined) {
    crowd = new Crowd(kind);
    crowds.set(kind, crowd);
  }
  return crowd;
}

function sortOf(kind: EventKind, apiId?: string, stage?: string): string {
  let text = `,"event":"${kind}"`;
  if (apiId !== undefined) text += `,"apiId":${quoted(apiId)}`;
  if (stage !== undefined) text += `,"stage":${quoted(stage)}`;
  return text;
}

/** In one piece: one that was put together is gone through piece by piece whenever it is written. */
const whole = (text: string) => Buffer.from(text).toString();

let second = -1;
let secondText = '';

/** As `toISOString` has it; what the moments of one second have in common is made once. */
function isoTime(now: number): string {
  const nowSecond = Math.floor(now / 1000);
  if (nowSecond !== second) {
    second = nowSecond;
    secondText = new Date(second * 1000).toISOString().slice(0, -4);
  }
  const millis = now - second * 1000;
  const zeros = millis < 10 ? '00' : millis < 100 ? '0' : '';
  return `${secondText}${zeros}${millis}Z`;
}
