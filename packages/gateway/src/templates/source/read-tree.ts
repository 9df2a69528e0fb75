/**
 * YAML or JSON as plain values that know where they were written. JSON is read by the YAML parser
 * too: it is a subset, and this way its problems have lines and columns as well.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { didYouMean } from '../suggest.ts';
import { templateLimits } from './limits.ts';
import { offsetOfDepth } from './nesting.ts';
import type { Places } from './places.ts';
import { shortTags } from './short-tags.ts';
import { type Place, TemplateError, type TemplateProblem } from './template-error.ts';

export interface TreeOptions {
  /** As problems call the file. */
  readonly file: string;
  readonly places: Places;
  /** Whether CloudFormation's tags are understood. Default: no tag is. */
  readonly hasShortTags?: boolean;
}

/** The one document of `text`. An empty text is an empty object. Throws `TemplateError`. */
export function readTree(text: string, options: TreeOptions): unknown {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: options.file, line, column: col };
  };
  const document = parse(text, lines, placeOf);
  const reader = new TreeReader(document, placeOf, options);
  const value = document.contents === null ? {} : reader.read(document.contents as Node, 1);
  if (reader.problems.length > 0) throw new TemplateError(reader.problems);
  return value;
}

function parse(text: string, lines: LineCounter, placeOf: (offset: number) => Place): Document {
  // The parser calls itself for every level. At the end of its stack it would not only throw: a
  // regular expression that is compiled there ends the whole process.
  const deep = offsetOfDepth(text, PARSED_LEVELS_MAX);
  if (deep !== undefined) {
    const line = text.slice(0, deep).split('\n');
    const place = { ...placeOf(0), line: line.length, column: line.at(-1)!.length + 1 };
    throw new TemplateError([{ message: tooDeep, place }]);
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
  });
  if (document.errors.length === 0) return document;
  // Where the parser has lost its way, everything after that is wrong to it as well.
  const lost = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const told = document.errors.filter(
    (error) => error === lost || (error.code === 'DUPLICATE_KEY' && !isAfter(error, lost)),
  );
  throw new TemplateError(told.map(({ message, pos }) => ({ message, place: placeOf(pos[0]) })));
}

const isAfter = (one: YAMLError, other: YAMLError | undefined) =>
  other !== undefined && one.pos[0] > other.pos[0];

/** Counted roughly, so it leaves room above the levels that are allowed. */
const PARSED_LEVELS_MAX = 4 * templateLimits.depthMax;
const tooDeep = `nested deeper than ${templateLimits.depthMax} levels`;

class TreeReader {
  readonly problems: TemplateProblem[] = [];
  readonly #document: Document;
  readonly #placeOf: (offset: number) => Place;
  readonly #options: TreeOptions;
  #values = 0;

  constructor(document: Document, placeOf: (offset: number) => Place, options: TreeOptions) {
    this.#document = document;
    this.#placeOf = placeOf;
    this.#options = options;
  }

  read(node: Node, depth: number): unknown {
    if (depth > templateLimits.depthMax) throw this.#error(node, tooDeep);
    // Aliases are written out, so a few lines of them could stand for more than any memory holds.
    if (++this.#values > templateLimits.valuesMax) {
      throw this.#error(node, `it stands for more than ${templateLimits.valuesMax} values`);
    }
    if (isAlias(node)) return this.#readAlias(node, depth);
    const value = this.#readPlain(node, depth);
    const { tag } = node;
    if (tag === undefined || tag.startsWith('tag:yaml.org,2002:')) return value;
    return this.#tagged(node, tag, value);
  }

  #readPlain(node: Node, depth: number): unknown {
    if (isMap(node)) return this.#readMap(node, depth);
    if (isSeq(node)) return this.#readList(node, depth);
    return isScalar(node) ? scalarValue(node) : undefined;
  }

  #readAlias(alias: Alias, depth: number): unknown {
    const target = alias.resolve(this.#document);
    if (!target) throw this.#error(alias, `there is no anchor "${alias.source}" above`);
    return this.read(target, depth + 1);
  }

  #readList({ items, range }: YAMLSeq, depth: number): unknown[] {
    const keys = new Map<number, Place>();
    const list = items.map((item, index) => {
      const node = item as Node;
      keys.set(index, this.#placeOf(node.range?.[0] ?? 0));
      return this.read(node, depth + 1);
    });
    this.#options.places.mark(list, this.#placeOf(range?.[0] ?? 0), keys);
    return list;
  }

  #readMap({ items, range }: YAMLMap, depth: number): Record<string, unknown> {
    const keys = new Map<string, Place>();
    const own: Record<string, unknown> = {};
    const merged: Record<string, unknown> = {};
    for (const { key, value } of items as Pair<Node, Node | null>[]) {
      if (isMergeKey(key)) {
        this.#merge(merged, value, depth);
        continue;
      }
      const name = this.#keyOf(key);
      if (name === undefined) continue;
      keys.set(name, this.#placeOf(key.range?.[0] ?? 0));
      own[name] = value === null ? null : this.read(value, depth + 1);
    }
    const map = { ...merged, ...own };
    this.#options.places.mark(map, this.#placeOf(range?.[0] ?? 0), keys);
    return map;
  }

  /** `<<: *defaults`, or a list of such: keys of its own decide, then the earlier one. */
  #merge(into: Record<string, unknown>, value: Node | null, depth: number): void {
    const source = value === null ? null : this.read(value, depth + 1);
    for (const each of Array.isArray(source) ? source : [source]) {
      if (typeof each !== 'object' || each === null || Array.isArray(each)) {
        throw this.#error(value ?? undefined, 'what << merges must be a mapping');
      }
      for (const [key, entry] of Object.entries(each)) into[key] ??= entry;
    }
  }

  #keyOf(key: Node): string | undefined {
    const value = isScalar(key) ? scalarValue(key) : undefined;
    const problem = !['string', 'number', 'boolean'].includes(typeof value)
      ? 'a key must be text'
      : value === '__proto__'
        ? '__proto__ cannot be a key'
        : undefined;
    if (problem === undefined) return String((key as Scalar).source ?? value);
    this.problems.push({ message: problem, place: this.#placeOf(key.range?.[0] ?? 0) });
    return undefined;
  }

  #tagged(node: Node, tag: string, value: unknown): unknown {
    const key = this.#options.hasShortTags ? shortTags.get(tag) : undefined;
    const place = this.#placeOf(node.range?.[0] ?? 0);
    if (key === undefined) {
      const hint = this.#options.hasShortTags ? didYouMean(tag, [...shortTags.keys()]) : '';
      this.problems.push({ message: `unknown tag ${tag}${hint}`, place });
      return value;
    }
    const intrinsic = { [key]: value };
    this.#options.places.mark(intrinsic, place, new Map([[key, place]]));
    return intrinsic;
  }

  #error(node: Node | undefined, message: string): TemplateError {
    return new TemplateError([{ message, place: this.#placeOf(node?.range?.[0] ?? 0) }]);
  }
}

function isMergeKey(key: Node): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

/**
 * Numbers stay numbers only where they print as they were written: `1.0` is a version and
 * `012345678901` an account, and CloudFormation reads both as text.
 */
function scalarValue({ value, source }: Scalar): unknown {
  if (typeof value === 'bigint') return source ?? String(value);
  if (typeof value !== 'number' || source === undefined) return value;
  return String(value) === source ? value : source;
}
