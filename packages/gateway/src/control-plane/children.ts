/**
 * The five operations of a resource kind that lives inside another's document, as routes live in
 * their API's: list, create, delete, get, update. What is particular to a kind is a `ChildKind`; see
 * `routes.ts` for one.
 */
import type { Change } from '../engines/engine.ts';
import type { FieldTable } from '../resources/field.ts';
import { createFrom, patch } from '../resources/patch.ts';
import { notFound, quotaReached } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { type Dictionary, drop, own, put, without } from '../resources/record.ts';
import { clearedFields, viewOf } from '../resources/view.ts';
import { changeDocument, type DocumentKind, type Outcome, readDocument } from './document-store.ts';
import type { Call, ControlContext, Operation } from './operation.ts';
import { pageOf, readPage } from './page.ts';

/** The members of a document that hold children of one type, by id. */
type Collection<Document, Child> = {
  [Name in keyof Document & string]: Document[Name] extends Dictionary<Child> ? Name : never;
}[keyof Document & string];

export interface ChildKind<Document, Child> {
  readonly documents: DocumentKind<Document>;
  /** Where the document keeps this kind. */
  readonly collection: Collection<Document, Child>;
  readonly table: FieldTable<Child>;
  /** Without the id: `/v2/apis/{apiId}/routes`. */
  readonly path: string;
  /** The field, and path parameter, that identifies one. */
  readonly id: Extract<keyof Child, string>;
  /** How many of them one document may hold. */
  readonly countMax?: number;
  /** Throws when something between the document and this kind is missing. */
  assertParent?(call: Call, document: Document): void;
  /** Whether a child belongs to the parent in the path. Default: it does. */
  isMember?(call: Call, child: Child): boolean;
  /** What the gateway gives a new one: its id, its dates. */
  start(call: Call, document: Document): Promise<Partial<Child>> | Partial<Child>;
  /** The rules over the whole of a new or changed child; returns it with what follows from them. */
  settle(child: Child, change: ChildChange<Document, Child>): Promise<Child> | Child;
  /** Throws for what other documents forbid; returns those that must not change meanwhile. */
  hold?(child: Child, change: ChildChange<Document, Child>): Promise<readonly Change[]>;
  /** What else in the document follows a change of one. */
  follow?(child: Child, before: Child, document: Document): Document;
  /** Throws when others still need it; returns the document without what goes with it. */
  release?(child: Child, document: Document): Document;
  /** Throws when other documents still need it; returns those in which something goes with it. */
  detach?(child: Child, document: Document, context: ControlContext): Promise<readonly Change[]>;
  /** Members of answers beside those of the table, known only when answering. */
  shown?(child: Child, call: Call): Dictionary<unknown>;
  /** What a list calls its entries. Default: `items`. */
  readonly listed?: string;
  /** The 404's sentence. Default: `Invalid Route identifier specified {id}`. */
  unknown?(id: string): string;
}

export interface ChildChange<Document, Child> {
  readonly context: ControlContext;
  readonly document: Document;
  /** What the request says, as read. */
  readonly asked: Partial<Child>;
}

export function childOperations<Document, Child>(kind: ChildKind<Document, Child>): Operation[] {
  const { path } = kind;
  const { noun } = kind.table;
  const one = `${path}/{${kind.id}}`;
  return [
    {
      operation: `Get${noun}s`,
      method: 'GET',
      path,
      status: 200,
      handler: (call) => list(kind, call),
    },
    {
      operation: `Create${noun}`,
      method: 'POST',
      path,
      status: 201,
      handler: (call) => create(kind, call),
    },
    {
      operation: `Delete${noun}`,
      method: 'DELETE',
      path: one,
      status: 204,
      handler: (call) => remove(kind, call),
    },
    {
      operation: `Get${noun}`,
      method: 'GET',
      path: one,
      status: 200,
      handler: (call) => get(kind, call),
    },
    {
      operation: `Update${noun}`,
      method: 'PATCH',
      path: one,
      status: 200,
      handler: (call) => update(kind, call),
    },
  ];
}

async function list<Document, Child>(kind: ChildKind<Document, Child>, call: Call) {
  const document = await read(kind, call);
  kind.assertParent?.(call, document);
  const page = readPage(call.query, kind.table.noun + JSON.stringify(call.params));
  const members = drop(childrenOf(kind, document), (child) => !isMember(kind, call, child));
  const { items, ...rest } = pageOf(members, page);
  return { [kind.listed ?? 'items']: items.map((child) => view(kind, child, call)), ...rest };
}

async function get<Document, Child>(kind: ChildKind<Document, Child>, call: Call) {
  const document = await read(kind, call);
  return view(kind, findChild(kind, call, document), call);
}

function create<Document, Child>(kind: ChildKind<Document, Child>, call: Call) {
  const { context, body } = call;
  return changeWith(kind, call, async (document) => {
    kind.assertParent?.(call, document);
    const asked = readFields(kind.table, body, 'create', context.lenient);
    const draft = createFrom(kind.table, await kind.start(call, document), asked);
    const change = { context, document, asked };
    const child = await kind.settle(draft, change);
    const children = childrenOf(kind, document);
    if (Object.keys(children).length >= (kind.countMax ?? Number.POSITIVE_INFINITY)) {
      throw quotaReached(`${kind.table.noun}s`, kind.documents.noun);
    }
    const id = child[kind.id] as string;
    const also = await kind.hold?.(child, change);
    return written(kind, document, put(children, id, child), also, (after) =>
      view(kind, own(after, id)!, call),
    );
  });
}

function update<Document, Child>(kind: ChildKind<Document, Child>, call: Call) {
  const { context, body } = call;
  return changeWith(kind, call, async (document) => {
    const current = findChild(kind, call, document);
    const asked = readFields(kind.table, body, 'update', context.lenient);
    if (Object.keys(asked).length === 0) {
      return { document, answer: () => view(kind, current, call) };
    }
    const change = { context, document, asked };
    const child = await kind.settle(patch(kind.table, current, asked), change);
    const id = child[kind.id] as string;
    const followed = kind.follow?.(child, current, document) ?? document;
    const also = await kind.hold?.(child, change);
    return written(kind, followed, put(childrenOf(kind, document), id, child), also, (after) =>
      view(kind, own(after, id)!, call, clearedFields(kind.table, asked)),
    );
  });
}

async function remove<Document, Child>(
  kind: ChildKind<Document, Child>,
  call: Call,
): Promise<void> {
  await changeWith(kind, call, async (document) => {
    const child = findChild(kind, call, document);
    const released = kind.release?.(child, document) ?? document;
    const also = await kind.detach?.(child, document, call.context);
    const rest = without(childrenOf(kind, released), child[kind.id] as string);
    return written(kind, released, rest, also, () => undefined);
  });
}

function read<Document, Child>({ documents }: ChildKind<Document, Child>, call: Call) {
  return readDocument(call.context, documents, call.params[documents.param]!);
}

function changeWith<Document, Child, Answer>(
  { documents }: ChildKind<Document, Child>,
  { context, params }: Call,
  make: (document: Document) => Promise<Outcome<Document, Answer>>,
) {
  return changeDocument(context, documents, params[documents.param]!, make);
}

/** The outcome of a change to the children of this kind. */
function written<Document, Child, Answer>(
  kind: ChildKind<Document, Child>,
  document: Document,
  children: Dictionary<Child>,
  also: readonly Change[] = [],
  answer: (after: Dictionary<Child>) => Answer,
): Outcome<Document, Answer> {
  return {
    document: { ...document, [kind.collection]: children },
    also,
    answer: (after: Document) => answer(childrenOf(kind, after)),
  };
}

/** The child the path names; throws a `NotFoundException` where there is none. */
export function findChild<Document, Child>(
  kind: ChildKind<Document, Child>,
  call: Call,
  document: Document,
) {
  kind.assertParent?.(call, document);
  const id = call.params[kind.id]!;
  const child = own(childrenOf(kind, document), id);
  if (child && isMember(kind, call, child)) return child;
  const { noun } = kind.table;
  throw notFound(noun, kind.unknown?.(id) ?? `Invalid ${noun} identifier specified ${id}`);
}

/** The child as callers see it. */
export function view<Document, Child>(
  kind: ChildKind<Document, Child>,
  child: Child,
  call: Call,
  cleared: Dictionary<''> = {},
) {
  return viewOf(kind.table, child, { ...kind.shown?.(child, call), ...cleared });
}

function childrenOf<Document, Child>(kind: ChildKind<Document, Child>, document: Document) {
  return document[kind.collection] as Dictionary<Child>;
}

function isMember<Document, Child>(
  kind: ChildKind<Document, Child>,
  call: Call,
  child: Child,
): boolean {
  return kind.isMember?.(call, child) ?? true;
}
