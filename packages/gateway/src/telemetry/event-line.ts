/**
 * The JSON line of an event. Each connect, message and push writes one: that is far more often than
 * anything else is logged, so the line is put together here, member by member, and by no library.
 */
import type { LogEvent } from './log.ts';
import { redact } from './redact.ts';

/** `base` stands in every line, behind its time: `,"worker":2`, or nothing. */
export function eventLine(event: LogEvent, now: number, base: string): string {
  const { kind, apiId, stage, connectionId, requestId, route, status, millis } = event;
  const { bytes, reason, rule, delivered, refused, gone, retry } = event;
  const level = kind !== 'disconnect' && status >= 500 ? 'warn' : 'info';
  let line = `{"level":"${level}","time":"${isoTime(now)}"${base}${sortOf(kind, apiId, stage)}`;
  if (connectionId !== undefined) line += `,"connectionId":${quoted(connectionId)}`;
  if (requestId !== undefined) line += `,"requestId":${quoted(requestId)}`;
  line += `${routeOf(route)},"status":${status},"millis":${millis}`;
  if (bytes !== undefined) line += `,"bytes":${bytes}`;
  // Everything else in an event is the gateway's own word; only a reason may quote a stranger.
  if (reason) line += `,"reason":${quoted(redact(reason))}`;
  if (rule !== undefined) line += `,"rule":"${rule}"`;
  if (delivered !== undefined) line += `,"delivered":${delivered}`;
  if (refused !== undefined) line += `,"refused":${refused}`;
  if (gone !== undefined) line += `,"gone":${gone}`;
  if (retry !== undefined) line += `,"retry":${retry}`;
  return `${line}}\n`;
}

/** Text that stands in JSON as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

let last: Pick<LogEvent, 'kind' | 'apiId' | 'stage'> = { kind: 'control' };
let lastText = ',"event":"control"';

/** Events come in crowds: what the one before was, and of which stage, need not be looked through again. */
function sortOf(kind: LogEvent['kind'], apiId?: string, stage?: string): string {
  if (kind !== last.kind || apiId !== last.apiId || stage !== last.stage) {
    last = { kind, apiId, stage };
    lastText = `,"event":"${kind}"`;
    if (apiId !== undefined) lastText += `,"apiId":${quoted(apiId)}`;
    if (stage !== undefined) lastText += `,"stage":${quoted(stage)}`;
  }
  return lastText;
}

let lastRoute: string | undefined;
let lastRouteText = '';

/** Likewise. */
function routeOf(route: string | undefined): string {
  if (route !== lastRoute) {
    lastRoute = route;
    lastRouteText = route === undefined ? '' : `,"route":${quoted(route)}`;
  }
  return lastRouteText;
}

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
