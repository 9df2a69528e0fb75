/** Where `$ref` leads: whole documents by their URL, and schemas within them by `id` or by pointer. */
import { SchemaError } from './schema-error.ts';

export interface SchemaNode {
  readonly schema: unknown;
  /** URL that references within the schema are relative to. */
  readonly base: string;
}

export type SchemaObject = Readonly<Record<string, unknown>>;

/** Members whose value is a schema, a list of schemas, or schemas by name. */
const ONE = ['additionalItems', 'additionalProperties', 'items', 'not'];
const LISTS = ['allOf', 'anyOf', 'items', 'oneOf'];
const NAMED = ['definitions', 'dependencies', 'patternProperties', 'properties'];

export class SchemaIndex {
  readonly #nodes = new Map<string, SchemaNode>();

  constructor(documents: readonly { readonly url: string; readonly schema: unknown }[]) {
    for (const { url, schema } of documents) {
      const base = withoutFragment(url);
      this.#add(base, { schema, base });
      this.#walk(schema, base);
    }
  }

  /** The base of what is within a schema: its own `id`, where it has one. */
  baseOf({ schema, base }: SchemaNode): string {
    const id = isSchemaObject(schema) ? schema.id : undefined;
    const url = typeof id === 'string' ? resolve(id, base) : undefined;
    return url === undefined ? base : withoutFragment(url);
  }

  /** Throws `SchemaError` when the reference leads nowhere. */
  find(reference: string, base: string): SchemaNode {
    const url = resolve(reference, base);
    const known = url && this.#nodes.get(url.replace(/#$/, ''));
    if (known) return known;
    const [document = '', fragment = ''] = url?.split('#', 2) ?? [];
    const root = this.#nodes.get(document);
    const found = root && fragment.startsWith('/') ? this.#follow(root, fragment) : undefined;
    if (!found) throw new SchemaError(`$ref "${reference}" leads nowhere`);
    return found;
  }

  #follow(root: SchemaNode, pointer: string): SchemaNode | undefined {
    let node = root;
    for (const part of pointer.slice(1).split('/')) {
      const name = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
      const { schema } = node;
      if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, name)) {
        return undefined;
      }
      const within = (schema as SchemaObject)[name];
      node = { schema: within, base: this.baseOf(node) };
    }
    return node;
  }

  #add(url: string, node: SchemaNode): void {
    if (!this.#nodes.has(url)) this.#nodes.set(url, node);
  }

  #walk(schema: unknown, base: string): void {
    if (!isSchemaObject(schema)) return;
    let inner = base;
    // A sibling of $ref is not looked at in draft 4.
    const isNamed = typeof schema.id === 'string' && schema.$ref === undefined;
    const url = isNamed ? resolve(schema.id as string, base) : undefined;
    if (url !== undefined) {
      this.#add(url.replace(/#$/, ''), { schema, base });
      inner = withoutFragment(url);
    }
    for (const name of ONE) this.#walk(schema[name], inner);
    for (const name of LISTS) {
      const list = schema[name];
      if (Array.isArray(list)) for (const one of list) this.#walk(one, inner);
    }
    for (const name of NAMED) {
      const named = schema[name];
      if (isSchemaObject(named)) for (const one of Object.values(named)) this.#walk(one, inner);
    }
  }
}

export const isSchemaObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `undefined` for what is no URL: as an `id` it names nothing, as a `$ref` it leads nowhere. */
function resolve(reference: string, base: string): string | undefined {
  try {
    return new URL(reference, base).href;
  } catch {
    return undefined;
  }
}

const withoutFragment = (url: string) => url.replace(/#.*$/s, '');

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
