/**
 * Reading and changing one document of the store. A change is: read it, make a new one from it, commit
 * it under the version that was read. When another node was faster, start again.
 */
import type { Change } from '../engines/engine.ts';
import { conflict } from '../resources/problems.ts';
import type { ServiceException } from '../wire/exceptions.ts';
import { freshId } from './fresh-id.ts';
import type { Call, ControlContext } from './operation.ts';
import { pageAnswer, readPage } from './page.ts';

/** A kind of document: where it is stored and what is said when there is none. */
export interface DocumentKind<Document> {
  /** As sentences call it: `API`. */
  readonly noun: string;
  /** The path parameter that names one. */
  readonly param: string;
  /** What its keys start with, such as `api/`. */
  readonly prefix: string;
  /** Only what can be an id reaches the store. */
  isId(text: string): boolean;
  unknown(context: ControlContext, id: string): ServiceException;
  /** What stands for a document that was never written; then none is unknown. */
  readonly empty?: Document;
  /** What follows from a change, to be written in the same commit. */
  complete?(
    context: ControlContext,
    before: Document,
    after: Document,
  ): Promise<{ readonly document: Document; readonly changes: readonly Change[] }>;
}

/** What a change makes of a document. */
export interface Outcome<Document, Answer> {
  /** The very object that was read when nothing changes; `undefined` removes the document. */
  readonly document: Document | undefined;
  /** Other documents to write in the same commit. */
  readonly also?: readonly Change[];
  /** Called with the document as written: what follows from the change is in it. */
  answer(written: Document): Answer;
}

/** How often a change starts again after another node's commit came first. */
export const commitAttemptsMax = 10;

/** The document with its version; `undefined` when there is none. */
export async function findStored<Document>(
  context: ControlContext,
  kind: DocumentKind<Document>,
  id: string,
): Promise<{ readonly document: Document; readonly version: number } | undefined> {
  const stored = kind.isId(id) ? await context.store.get(kind.prefix + id) : undefined;
  if (stored) return { document: stored.value as Document, version: stored.version };
  return kind.empty && { document: kind.empty, version: 0 };
}

export async function readDocument<Document>(
  context: ControlContext,
  kind: DocumentKind<Document>,
  id: string,
): Promise<Document> {
  return (await readStored(context, kind, id)).document;
}

/** An id of `length` characters that no document of the kind has. */
export function freshDocumentId(
  context: ControlContext,
  kind: DocumentKind<unknown>,
  length: number,
): Promise<string> {
  return freshId(
    context,
    length,
    async (id) => (await findStored(context, kind, id)) !== undefined,
  );
}

/** `false` when there is one of this id already. */
export function createDocument<Document>(
  context: ControlContext,
  kind: DocumentKind<Document>,
  id: string,
  value: Document,
): Promise<boolean> {
  return context.store.commit([{ key: kind.prefix + id, value, expectedVersion: 0 }]);
}

/**
 * Changes a document, or refuses: `change` throws `ServiceException`s. Everything is written in one
 * commit. `change` may run several times.
 */
export function changeDocument<Document, Answer>(
  context: ControlContext,
  kind: DocumentKind<Document>,
  id: string,
  change: (document: Document) => Outcome<Document, Answer> | Promise<Outcome<Document, Answer>>,
): Promise<Answer> {
  const key = kind.prefix + id;
  return context.changes.run(key, async () => {
    for (let attempt = 1; attempt <= commitAttemptsMax; attempt += 1) {
      const { document: before, version } = await readStored(context, kind, id);
      const { document, also = [], answer } = await change(before);
      if (document === before && also.length === 0) return answer(before);
      const completed = document && (await kind.complete?.(context, before, document));
      const written = completed?.document ?? document;
      const changes = [
        { key, value: written, expectedVersion: version },
        ...also,
        ...(completed?.changes ?? []),
      ];
      if (await context.store.commit(changes)) return answer(written ?? before);
    }
    throw concurrentModification();
  });
}

/** A page of the documents of a kind. */
export async function listDocuments<Document>(
  { context, query }: Call,
  kind: Pick<DocumentKind<Document>, 'prefix'>,
  view: (document: Document) => unknown,
) {
  const { prefix } = kind;
  const page = readPage(query, prefix);
  const stored = await context.store.list(prefix, {
    limit: page.limit + 1,
    ...(page.after !== undefined && { after: prefix + page.after }),
  });
  const entries = stored.map(
    ({ key, value }) => [key.slice(prefix.length), view(value as Document)] as const,
  );
  return pageAnswer(entries, page);
}

export function concurrentModification() {
  return conflict(
    'Unable to complete operation due to concurrent modification. Please try again later.',
  );
}

async function readStored<Document>(
  context: ControlContext,
  kind: DocumentKind<Document>,
  id: string,
) {
  const stored = await findStored(context, kind, id);
  if (stored) return stored;
  throw kind.unknown(context, id);
}
