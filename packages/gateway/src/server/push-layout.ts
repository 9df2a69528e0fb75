/**
 * The names of a push's headers, in their order. One client's requests have the same ones again and again:
 * they are looked at once, and from then on only the values between them are.
 */
import { HeaderNames } from './header-names.ts';

/** The lines of one head, as far as they were read. */
export interface PushLines {
  readonly layout: PushLayout;
  /** In the order of the layout's names. None is empty, or begins or ends with a space. */
  readonly values: readonly string[];
  /** Where the last of them ends. */
  readonly end: number;
}

/**
 * They change how the request is read or what becomes of its connection, or come from browsers, whose
 * requests are nobody's hot path.
 */
const usual = new HeaderNames([
  'expect',
  'http2-settings',
  'keep-alive',
  'origin',
  'proxy-connection',
  'sec-fetch-site',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';
const SEPARATOR = ': ';
const SPACE = 0x20;
/** Visible ASCII and spaces, between ends of lines as they should be. */
const VALUE = '([\\x20-\\x7e]+)';
const WHOLE_VALUE = new RegExp(`^${VALUE}$`);

/** Of requests with more, none is worth an expression of its own. */
const NAMES_MAX = 32;
/** Few programs push to one gateway. */
const REMEMBERED_MAX = 8;
const remembered: PushLayout[] = [];

/** An expression costs ten requests, and whoever sends other names each time shall not be given one. */
const MEETINGS_BEFORE = 16;
const MET_MAX = 64;
/** So many pushes that are like none before, until one is remembered. */
const MISSES_MIN = 16;
/** Where nearly all are like none before: to remember one costs two. */
const MISSES_MAX = 1024;
/** How often layouts were met that are not remembered. */
const met = new Map<string, number>();

/** The lines from `at` to the first empty one; `undefined` where there is anything unusual among them. */
export function readLines(text: string, at: number): PushLines | undefined {
  for (const layout of remembered) {
    const lines = layout.read(text, at);
    if (lines) return lines;
  }
  const lines = linesOf(text, at);
  if (lines) meet(lines.layout);
  return lines;
}

function meet(layout: PushLayout): void {
  const key = layout.spelled.join();
  const times = (met.get(key) ?? 0) + 1;
  if (times < MEETINGS_BEFORE) {
    if (met.size >= MET_MAX) met.clear();
    met.set(key, times);
    return;
  }
  met.delete(key);
  if (remembered.length >= REMEMBERED_MAX) remembered.pop();
  remembered.unshift(layout);
}

export class PushLayout {
  readonly spelled: readonly string[];
  /** In lower case. None is repeated, and none is unusual. */
  readonly names: readonly string[];
  /** Where these are. */
  readonly host: number;
  readonly contentLength: number;
  /** -1: it is not among them. */
  readonly connection: number;
  #misses = 0;
  #missesMax = MISSES_MIN;
  /** Of the last push that was like none before. */
  #values: readonly string[] | undefined;
  readonly #hasDiffered: boolean[];
  /** All lines at once: one pass finds the values and looks at each of their characters. */
  #lines: RegExp | undefined;

  constructor(spelled: readonly string[], names: readonly string[]) {
    this.spelled = spelled;
    this.names = names;
    this.#hasDiffered = names.map(() => false);
    this.host = names.indexOf('host');
    this.contentLength = names.indexOf('content-length');
    this.connection = names.indexOf('connection');
  }

  /** A push was like one before. */
  met(): void {
    if (this.#missesMax > MISSES_MIN) this.#missesMax -= 1;
  }

  /** A push was like none before. Whether it is time to remember what this one is like. */
  missed(values: readonly string[]): boolean {
    const before = this.#values ?? values;
    this.#values = values;
    for (const [index, value] of values.entries()) {
      if (value !== before[index]) this.#hasDiffered[index] = true;
    }
    this.#misses += 1;
    if (this.#misses < this.#missesMax) return false;
    this.#misses = 0;
    // Of a program whose pushes are more often like none before than like one, ever fewer are remembered.
    this.#missesMax = Math.min(2 * this.#missesMax, MISSES_MAX);
    return true;
  }

  /** Whether pushes that were like none before had different values of the header at this place. */
  hasDiffered(index: number): boolean {
    return this.#hasDiffered[index]!;
  }

  /** `undefined` for lines of another layout. */
  read(text: string, at: number): PushLines | undefined {
    this.#lines ??= expressionOf(this.spelled);
    const lines = this.#lines;
    lines.lastIndex = at;
    const found = lines.exec(text);
    if (found === null) return undefined;
    const values: string[] = [];
    for (let index = 1; index < found.length; index += 1) {
      const value = found[index]!;
      if (!isTrimmed(value)) return undefined;
      values.push(value);
    }
    return { layout: this, values, end: lines.lastIndex - HEAD_END.length };
  }
}

function isTrimmed(value: string): boolean {
  return value.charCodeAt(0) !== SPACE && value.charCodeAt(value.length - 1) !== SPACE;
}

function expressionOf(spelled: readonly string[]): RegExp {
  const lines = spelled.map((name) => escaped(name) + SEPARATOR + VALUE + LINE_END);
  return new RegExp(lines.join('') + LINE_END, 'y');
}

/** A name has letters, digits and signs: a sign behind a backslash stands for itself. */
const escaped = (name: string) => name.replaceAll(/[^0-9A-Za-z]/g, '\\$&');

/** One by one, where the layout is not known. */
function linesOf(text: string, at: number): PushLines | undefined {
  const spelled: string[] = [];
  const names: string[] = [];
  const values: string[] = [];
  let start = at;
  while (!text.startsWith(LINE_END, start)) {
    const end = text.indexOf(LINE_END, start);
    const colon = text.indexOf(SEPARATOR, start);
    if (end < 0 || colon < 0 || colon > end) return undefined;
    const name = usual.lower(text.slice(start, colon));
    if (name === undefined || names.includes(name)) return undefined;
    const value = text.slice(colon + SEPARATOR.length, end);
    if (names.length >= NAMES_MAX || !WHOLE_VALUE.test(value) || !isTrimmed(value))
      return undefined;
    spelled.push(text.slice(start, colon));
    names.push(name);
    values.push(value);
    start = end + LINE_END.length;
  }
  const layout = new PushLayout(spelled, names);
  if (layout.host < 0 || layout.contentLength < 0) return undefined;
  return { layout, values, end: start - LINE_END.length };
}
