/**
 * Text with Serverless Framework's variables: `${opt:stage, self:provider.stage, 'dev'}`. A variable has
 * sources, tried in order; addresses and parameters may hold variables themselves. What looks like
 * CloudFormation's `${AWS::Region}` or `${Resource}` is plain text.
 */
export type Part = string | Variable;

export interface Variable {
  /** As written. */
  readonly text: string;
  readonly sources: readonly Source[];
}

export type Source =
  | { readonly kind: 'literal'; readonly value: unknown }
  | {
      readonly kind: 'source';
      /** `self`, `env`, `file` … */
      readonly type: string;
      readonly parameters: readonly (readonly Part[])[];
      readonly address: readonly Part[];
    };

/** `${self:…}` inside a source needs no braces of its own, but may have them. */
const START = /\$\{\s*(?=[a-z][a-zA-Z0-9]*[:(])/y;
const TYPE = /\s*([a-z][a-zA-Z0-9]*)(?=[:(])/y;
const NESTING_MAX = 20;

/** Throws an `Error` with a sentence for a variable that does not end or has no source. */
export function parseVariables(text: string): readonly Part[] {
  return new VariableParser(text).parse();
}

class VariableParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly Part[] {
    return this.#parts('');
  }

  /** Up to one of `ends`, which is not consumed, or to the end of the text. */
  #parts(ends: string): Part[] {
    const parts: Part[] = [];
    let plain = '';
    while (this.#at < this.#text.length && !ends.includes(this.#text[this.#at]!)) {
      if (this.#text.startsWith('\\${', this.#at)) {
        plain += '${';
        this.#at += 3;
        continue;
      }
      const variable = this.#variable();
      if (variable) {
        if (plain !== '') parts.push(plain);
        plain = '';
        parts.push(variable);
      } else plain += this.#text[this.#at++];
    }
    if (plain !== '') parts.push(plain);
    return parts;
  }

  #variable(): Variable | undefined {
    START.lastIndex = this.#at;
    if (!START.test(this.#text)) return undefined;
    if (++this.#depth > NESTING_MAX) throw new Error(`variables nested deeper than ${NESTING_MAX}`);
    const start = this.#at;
    this.#at = START.lastIndex;
    const sources = [this.#source()];
    while (this.#text[this.#at] === ',') {
      this.#at += 1;
      sources.push(this.#source());
    }
    if (this.#text[this.#at] !== '}') throw this.#unfinished(start);
    this.#at += 1;
    this.#depth -= 1;
    return { text: this.#text.slice(start, this.#at), sources };
  }

  #source(): Source {
    TYPE.lastIndex = this.#at;
    const type = TYPE.exec(this.#text)?.[1];
    if (type === undefined) return this.#literal();
    this.#at = TYPE.lastIndex;
    const parameters = this.#text[this.#at] === '(' ? this.#parameters() : [];
    let address: Part[] = [];
    if (this.#text[this.#at] === ':') {
      this.#at += 1;
      address = trimmed(this.#parts(',}'));
    } else this.#skipBlanks();
    return { kind: 'source', type, parameters, address };
  }

  #parameters(): Part[][] {
    const start = this.#at;
    const parameters: Part[][] = [];
    do {
      this.#at += 1;
      parameters.push(trimmed(this.#parts(',)')));
    } while (this.#text[this.#at] === ',');
    if (this.#text[this.#at] !== ')') throw this.#unfinished(start);
    this.#at += 1;
    return parameters;
  }

  /** `'dev'`, `"dev"`, `5`, `true`, `null`, or nothing; or a whole variable in braces. */
  #literal(): Source {
    this.#skipBlanks();
    const nested = this.#variable();
    if (nested) {
      this.#skipBlanks();
      return { kind: 'source', type: 'text', parameters: [], address: [nested] };
    }
    const start = this.#at;
    const quote = this.#text[this.#at];
    if (quote === "'" || quote === '"') {
      const end = this.#text.indexOf(quote, this.#at + 1);
      if (end < 0) throw this.#unfinished(start);
      this.#at = end + 1;
      this.#skipBlanks();
      return { kind: 'literal', value: this.#text.slice(start + 1, end) };
    }
    while (this.#at < this.#text.length && !',}'.includes(this.#text[this.#at]!)) this.#at += 1;
    const word = this.#text.slice(start, this.#at).trim();
    const value = WORDS.has(word) ? WORDS.get(word) : Number(word);
    if (word !== '' && !Number.isNaN(value as number)) return { kind: 'literal', value };
    if (word === '') return { kind: 'literal', value: undefined };
    throw new Error(`"${word}" is no source of a variable: text must be in quotes`);
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #unfinished(start: number): Error {
    return new Error(`the variable ${this.#text.slice(start, start + 40)} does not end`);
  }
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Without blanks at both ends, where those are plain text. */
function trimmed(parts: readonly Part[]): Part[] {
  const copy = [...parts];
  const first = copy[0];
  if (typeof first === 'string') copy[0] = first.trimStart();
  const last = copy.at(-1);
  if (typeof last === 'string') copy[copy.length - 1] = last.trimEnd();
  return copy.filter((part) => part !== '');
}
