import { type Paint, paint } from './color.ts';
import type { EventKind, Log, LogEvent, LogFields } from './log.ts';
import { redact } from './redact.ts';

export interface ReadableLogOptions {
  /** Receives one line at a time, without its line break. */
  write(line: string): void;
  /** Epoch milliseconds; the system's time when left out. */
  now?(): number;
  readonly color: boolean;
  /** Adds apiId, stage, requestId and bytes to each event. */
  readonly verbose?: boolean;
}

const KIND_WIDTH = 10;
const ROUTE_WIDTH = 16;
const CONNECTION_WIDTH = 8;
const TEXT_CHARACTERS_MAX = 2000;

/** Lines for people: `12:04:31.207 message    sendMessage      L0SM9cOF 200    12 ms`. */
export function readableLog(options: ReadableLogOptions): Log {
  const { write, now = Date.now, color, verbose = false } = options;
  const draw = paint(color);
  const line = (text: string) => write(`${draw('dim', localTime(now()))} ${text}`);
  const note = (mark: string, message: string, fields: LogFields = {}) =>
    line(`${mark}${plain(message)}${inWords(fields)}`);
  return {
    event: (event) => line(eventText(event, draw, verbose)),
    info: (message, fields) => note('', message, fields),
    warn: (message, fields) => note(`${draw('yellow', 'warning')} `, message, fields),
    error(message, error, fields) {
      note(`${draw('red', 'error')} `, `${message}: ${describeError(error)}`, fields);
      for (const frame of stackOf(error)) write(draw('dim', `    ${plain(frame)}`));
    },
  };
}

function eventText(event: LogEvent, draw: Paint, verbose: boolean): string {
  const { apiId, stage, requestId, bytes } = event;
  const connection = event.connectionId ?? '';
  const columns = [
    draw('cyan', event.kind.padEnd(KIND_WIDTH)),
    cut(plain(routeWords(event)), ROUTE_WIDTH),
    cut(plain(connection.slice(0, CONNECTION_WIDTH)), CONNECTION_WIDTH),
    draw(statusColor(event), String(event.status).padStart(4)),
    `${Math.round(event.millis)} ms`.padStart(8),
  ];
  const details = verbose ? inWords({ apiId, stage, requestId, bytes }) : '';
  const reason = event.reason ? `  ${plain(event.reason)}` : '';
  return `${columns.join(' ')}${countWords(event)}${reason}${details}`;
}

const CALLS = new Set<EventKind>(['push', 'fan-out', 'get', 'delete']);

/** AWS's names of the calls of `@connections` are long, and say no more than the kind does. */
function routeWords({ kind, route = '' }: LogEvent): string {
  return CALLS.has(kind) ? '' : route;
}

/** What became of a message to many. */
function countWords({ delivered, refused, gone }: LogEvent): string {
  if (delivered === undefined) return '';
  const others = [refused ? `, ${refused} refused` : '', gone ? `, ${gone} gone` : ''];
  return `  ${delivered} delivered${others.join('')}`;
}

function statusColor({ kind, status }: LogEvent): 'green' | 'yellow' | 'red' {
  if (kind === 'disconnect') return status <= 1001 || status === 1005 ? 'green' : 'yellow';
  if (status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
}

function localTime(epochMillis: number): string {
  const date = new Date(epochMillis);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function inWords(fields: LogFields): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.map(([name, value]) => `  ${name}=${plain(String(value))}`).join('');
}

/** One line of printable text: a route key or a backend's words cannot forge a second log line. */
function plain(text: string): string {
  return redact(text.slice(0, TEXT_CHARACTERS_MAX)).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : json;
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}

function stackOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.map((text) => text.trim()).filter((text) => text.startsWith('at '));
}
