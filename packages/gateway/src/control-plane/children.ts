/**
 * The five operations of a resource kind that lives inside an API's document: list, create, delete,
 * get, update. What is particular to a kind is a `ChildKind`; see `routes.ts` for one.
 */
import type { ApiDocument } from '../resources/api-document.ts';
import type { FieldTable } from '../resources/field.ts';
import { createFrom, patch } from '../resources/patch.ts';
import { notFound, quotaReached } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { type Dictionary, drop, own, put, without } from '../resources/record.ts';
import { clearedFields, viewOf } from '../resources/view.ts';
import { changeApi, readApi } from './api-store.ts';
import type { Call, ControlContext, Operation } from './operation.ts';
import { pageOf, readPage } from './page.ts';

type Collection = Exclude<keyof ApiDocument, 'api'>;
type Child<C extends Collection> = ApiDocument[C][string];

export interface ChildKind<C extends Collection> {
  /** Where the document keeps this kind. */
  readonly collection: C;
  readonly table: FieldTable<Child<C>>;
  /** Without the id: `/v2/apis/{apiId}/routes`. */
  readonly path: string;
  /** The field, and path parameter, that identifies one. */
  readonly id: Extract<keyof Child<C>, string>;
  /** How many of them one API may have. */
  readonly countMax?: number;
  /** Throws when something between the API and this kind is missing. */
  assertParent?(call: Call, document: ApiDocument): void;
  /** Whether a child belongs to the parent in the path. Default: it does. */
  isMember?(call: Call, child: Child<C>): boolean;
  /** What the gateway gives a new one: its id, its dates. */
  start(call: Call, document: ApiDocument): Promise<Partial<Child<C>>> | Partial<Child<C>>;
  /** The rules over the whole of a new or changed child; returns it with what follows from them. */
  settle(child: Child<C>, change: ChildChange<C>): Promise<Child<C>> | Child<C>;
  /** What else in the document follows a change of one. */
  follow?(child: Child<C>, before: Child<C>, document: ApiDocument): ApiDocument;
  /** Throws when others still need it; returns the document without what goes with it. */
  release?(child: Child<C>, document: ApiDocument): ApiDocument;
  /** Members of answers beside those of the table, known only when answering. */
  shown?(child: Child<C>): Dictionary<unknown>;
  /** The 404's sentence. Default: `Invalid Route identifier specified {id}`. */
  unknown?(id: string): string;
}

export interface ChildChange<C extends Collection> {
  readonly context: ControlContext;
  readonly document: ApiDocument;
  /** What the request says, as read. */
  readonly asked: Partial<Child<C>>;
}

export function childOperations<C extends Collection>(kind: ChildKind<C>): Operation[] {
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

async function list<C extends Collection>(kind: ChildKind<C>, call: Call) {
  const document = await readApi(call.context, call.params.apiId!);
  kind.assertParent?.(call, document);
  const page = readPage(call.query, kind.table.noun + JSON.stringify(call.params));
  const members = drop(childrenOf(kind, document), (child) => !isMember(kind, call, child));
  const { items, ...rest } = pageOf(members, page);
  return { items: items.map((child) => view(kind, child)), ...rest };
}

async function get<C extends Collection>(kind: ChildKind<C>, call: Call) {
  const document = await readApi(call.context, call.params.apiId!);
  return view(kind, findChild(kind, call, document));
}

function create<C extends Collection>(kind: ChildKind<C>, call: Call) {
  const { context, body, params } = call;
  return changeApi(context, params.apiId!, async (document) => {
    kind.assertParent?.(call, document);
    const asked = readFields(kind.table, body, 'create', context.lenient);
    const draft = createFrom(kind.table, await kind.start(call, document), asked);
    const child = await kind.settle(draft, { context, document, asked });
    const children = childrenOf(kind, document);
    if (Object.keys(children).length >= (kind.countMax ?? Number.POSITIVE_INFINITY)) {
      throw quotaReached(`${kind.table.noun}s`, 'API');
    }
    const id = child[kind.id] as string;
    return written(kind, document, put(children, id, child), (after) =>
      view(kind, own(after, id)!),
    );
  });
}

function update<C extends Collection>(kind: ChildKind<C>, call: Call) {
  const { context, body, params } = call;
  return changeApi(context, params.apiId!, async (document) => {
    const current = findChild(kind, call, document);
    const asked = readFields(kind.table, body, 'update', context.lenient);
    if (Object.keys(asked).length === 0) {
      return { document, answer: () => view(kind, current) };
    }
    const child = await kind.settle(patch(kind.table, current, asked), {
      context,
      document,
      asked,
    });
    const id = child[kind.id] as string;
    const followed = kind.follow?.(child, current, document) ?? document;
    return written(kind, followed, put(childrenOf(kind, document), id, child), (after) =>
      view(kind, own(after, id)!, clearedFields(kind.table, asked)),
    );
  });
}

async function remove<C extends Collection>(kind: ChildKind<C>, call: Call): Promise<void> {
  await changeApi(call.context, call.params.apiId!, (document) => {
    const child = findChild(kind, call, document);
    const released = kind.release?.(child, document) ?? document;
    const rest = without(childrenOf(kind, released), child[kind.id] as string);
    return written(kind, released, rest, () => undefined);
  });
}

/** The outcome of a change to the children of this kind. */
function written<C extends Collection, Answer>(
  kind: ChildKind<C>,
  document: ApiDocument,
  children: Dictionary<Child<C>>,
  answer: (after: Dictionary<Child<C>>) => Answer,
) {
  return {
    document: { ...document, [kind.collection]: children },
    answer: (after: ApiDocument) => answer(childrenOf(kind, after)),
  };
}

/** The child the path names; throws a `NotFoundException` where there is none. */
export function findChild<C extends Collection>(
  kind: ChildKind<C>,
  call: Call,
  document: ApiDocument,
) {
  kind.assertParent?.(call, document);
  const id = call.params[kind.id]!;
  const child = own(childrenOf(kind, document), id);
  if (child && isMember(kind, call, child)) return child;
  const { noun } = kind.table;
  throw notFound(noun, kind.unknown?.(id) ?? `Invalid ${noun} identifier specified ${id}`);
}

function view<C extends Collection>(
  kind: ChildKind<C>,
  child: Child<C>,
  cleared: Dictionary<''> = {},
) {
  return viewOf(kind.table, child, { ...kind.shown?.(child), ...cleared });
}

function childrenOf<C extends Collection>(kind: ChildKind<C>, document: ApiDocument) {
  return document[kind.collection] as Dictionary<Child<C>>;
}

function isMember<C extends Collection>(kind: ChildKind<C>, call: Call, child: Child<C>): boolean {
  return kind.isMember?.(call, child) ?? true;
}
