import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Path } from './problem.ts';

/** A YAML text as plain values, and the way back from a value to its line. */
export interface YamlDocument {
  readonly value: unknown;
  /** One-based line of the key or list item at `path`, or of the nearest one above it. */
  lineOf(path: Path): number | undefined;
}

export interface YamlSyntaxError {
  readonly message: string;
  readonly line: number | undefined;
}

/** Reads one YAML 1.2 document. An empty text is an empty mapping. */
export function parseYaml(text: string): YamlDocument | { readonly errors: YamlSyntaxError[] } {
  const lines = new LineCounter();
  // Aliases may repeat a value, but not so often that a small file fills the memory.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const errors: YamlSyntaxError[] = document.errors.map(({ message, pos }) => ({
    message,
    line: lines.linePos(pos[0]).line,
  }));
  visit(document, {
    Pair(_, { key }) {
      // The schema library leaves such a key out in silence; we say so instead.
      if (isScalar(key) && key.value === '__proto__') {
        const line = key.range ? lines.linePos(key.range[0]).line : undefined;
        errors.push({ message: '__proto__ cannot be a key', line });
      }
    },
  });
  if (errors.length > 0) return { errors };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
    return { value, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    return { errors: [{ message: (error as Error).message, line: undefined }] };
  }
}

function lineOf(document: Document, lines: LineCounter, path: Path): number | undefined {
  let node: unknown = document.contents;
  let found: Node | undefined;
  for (const key of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (isScalar(pair?.key)) found = pair.key;
      next = pair?.value;
    } else if (isSeq(node) && typeof key === 'number') {
      next = node.items[key];
      if (next) found = next as Node;
    }
    if (!next) break;
    node = next;
  }
  const start = found?.range?.[0];
  return start === undefined ? undefined : lines.linePos(start).line;
}
