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

/** Of requests with more, none is worth an expression of its own. */
const NAMES_MAX = 32;
/** Few programs push to one gateway. */
const REMEMBERED_MAX = 8;
const remembered: PushLayout[] = [];

/** The lines from `at` to the first empty one; `undefined` where there is anything unusual among them. */
export function readLines(text: string, at: number): PushLines | undefined {
  for (const layout of remembered) {
    const lines = layout.read(text, at);
    if (lines) return lines;
  }
  const layout = layoutOf(text, at);
  const lines = layout?.read(text, at);
  if (!layout || !lines) return undefined;
  if (remembered.length >= REMEMBERED_MAX) remembered.pop();
  remembered.unshift(layout);
  return lines;
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
  /** All lines at once: one pass finds the values and looks at each of their characters. */
  readonly #lines: RegExp;

  constructor(spelled: readonly string[], names: readonly string[]) {
    this.spelled = spelled;
    this.names = names;
    this.host = names.indexOf('host');
    this.contentLength = names.indexOf('content-length');
    this.connection = names.indexOf('connection');
    const lines = spelled.map((name) => escaped(name) + SEPARATOR + VALUE + LINE_END);
    this.#lines = new RegExp(lines.join('') + LINE_END, 'y');
  }

  /** `undefined` for lines of another layout. */
  read(text: string, at: number): PushLines | undefined {
    const lines = this.#lines;
    lines.lastIndex = at;
    const found = lines.exec(text);
    if (found === null) return undefined;
    const values: string[] = [];
    for (let index = 1; index < found.length; index += 1) {
      const value = found[index]!;
      const isTrimmed =
        value.charCodeAt(0) !== SPACE && value.charCodeAt(value.length - 1) !== SPACE;
      if (!isTrimmed) return undefined;
      values.push(value);
    }
    return { layout: this, values, end: lines.lastIndex - HEAD_END.length };
  }
}

/** A name has letters, digits and signs: a sign behind a backslash stands for itself. */
const escaped = (name: string) => name.replaceAll(/[^0-9A-Za-z]/g, '\\$&');

function layoutOf(text: string, at: number): PushLayout | undefined {
  const spelled: string[] = [];
  const names: string[] = [];
  for (let start = at; !text.startsWith(LINE_END, start); ) {
    const end = text.indexOf(LINE_END, start);
    const colon = text.indexOf(SEPARATOR, start);
    if (end < 0 || colon < 0 || colon > end) return undefined;
    const name = usual.lower(text.slice(start, colon));
    if (name === undefined || names.includes(name)) return undefined;
    if (names.length >= NAMES_MAX) return undefined;
    spelled.push(text.slice(start, colon));
    names.push(name);
    start = end + LINE_END.length;
  }
  const layout = new PushLayout(spelled, names);
  return layout.host < 0 || layout.contentLength < 0 ? undefined : layout;
}
