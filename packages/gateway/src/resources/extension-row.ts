/**
 * The kinds of settings a stage may have beside AWS's: how the text of a tag is read as a value of each,
 * and what it must be, in words.
 */
export type ExtensionRow = NumberRow | FlagRow | TextRow | ListRow | WordRow;

export interface NumberRow {
  readonly kind: 'number';
  /** What AWS does, and what holds without the tag unless `unset` says otherwise. */
  readonly aws: number;
  /** What holds without the tag, and how the documents say it. */
  readonly unset?: { readonly value: number; readonly words: string };
  readonly min: number;
  readonly max: number;
  readonly unit: 'seconds' | 'bytes' | 'connections' | 'attempts';
  /** In the reader's terms: what the setting changes. */
  readonly sentence: string;
}

export interface FlagRow {
  readonly kind: 'flag';
  readonly aws: false;
  readonly sentence: string;
}

/** Text; empty where the setting is off. */
export interface TextRow {
  readonly kind: 'text';
  readonly aws: '';
  readonly matches: RegExp;
  /** Two or three words for a table: `a name`. */
  readonly values: string;
  /** What it must be: `a name of 1 to 64 letters`. */
  readonly expected: string;
  readonly sentence: string;
}

/** Several texts in one tag, with spaces between: AWS takes no comma there. Empty where it is off. */
export interface ListRow {
  readonly kind: 'list';
  readonly aws: readonly string[];
  /** Of each. */
  readonly matches: RegExp;
  readonly values: string;
  readonly expected: string;
  readonly sentence: string;
}

/** One of a few words. */
export interface WordRow {
  readonly kind: 'word';
  readonly aws: string;
  readonly words: readonly string[];
  readonly sentence: string;
}

export interface ValueOf {
  readonly word: string;
  readonly flag: boolean;
  readonly number: number;
  readonly text: string;
  readonly list: readonly string[];
}

export type ExtensionValue = ValueOf[ExtensionRow['kind']];

export const none: readonly string[] = Object.freeze([]);

/** The value that the text of a tag says; `undefined` where it says none. */
export function readValue(row: ExtensionRow, text: string): ExtensionValue | undefined {
  switch (row.kind) {
    case 'flag':
      return FLAG_WORDS.get(text);
    case 'text':
      return row.matches.test(text) ? text : undefined;
    case 'word':
      return row.words.find((word) => word === text);
    case 'list': {
      const items = text.split(/ +/).filter((item) => item !== '');
      if (items.length === 0 || !items.every((item) => row.matches.test(item))) return undefined;
      return Object.freeze(items);
    }
    case 'number': {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= row.min && value <= row.max ? value : undefined;
    }
  }
}

/** `a whole number of seconds from 0 to 86400`, `true or false`. */
export function expectedOf(row: ExtensionRow): string {
  switch (row.kind) {
    case 'flag':
      return 'true or false';
    case 'number':
      return `a whole number of ${row.unit} from ${row.min} to ${row.max}`;
    case 'word':
      return `one of ${row.words.join(', ')}`;
    default:
      return row.expected;
  }
}

const FLAG_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

export function number(row: Omit<NumberRow, 'kind'>): NumberRow {
  return { kind: 'number', ...row };
}

export function flag(sentence: string): FlagRow {
  return { kind: 'flag', aws: false, sentence };
}

export function text(row: Omit<TextRow, 'kind' | 'aws'>): TextRow {
  return { kind: 'text', aws: '', ...row };
}

export function list(row: Omit<ListRow, 'kind' | 'aws'>): ListRow {
  return { kind: 'list', aws: none, ...row };
}

export function word(row: Omit<WordRow, 'kind'>): WordRow {
  return { kind: 'word', ...row };
}

/** What holds without the tag. */
export function unsetValue(row: ExtensionRow): ExtensionValue {
  return row.kind === 'number' && row.unset ? row.unset.value : row.aws;
}
