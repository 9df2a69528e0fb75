import type { DocumentKind } from '../document-store.ts';
import type { Call } from '../operation.ts';
import { pageOf, readPage } from '../page.ts';

/** A page of a list that is at hand as a whole, by key, as the v1 API writes it. */
export async function listOf<T>(
  call: Call,
  collection: string,
  entries: Readonly<Record<string, T>>,
  view: (entry: T) => unknown,
) {
  const page = readPage(call.query, collection, { size: 'limit', token: 'position' });
  const { items, nextToken } = pageOf(entries, page);
  const item = await Promise.all(items.map(view));
  return { item, ...(nextToken !== undefined && { position: nextToken }) };
}

/** The same for documents of a kind, all of which are small. */
export async function listAll<Document>(
  call: Call,
  { prefix }: Pick<DocumentKind<Document>, 'prefix'>,
  view: (document: Document) => unknown,
  isShown: (document: Document) => boolean = () => true,
) {
  const stored = await call.context.store.list(prefix);
  const entries = stored
    .map(({ key, value }) => [key.slice(prefix.length), value as Document] as const)
    .filter(([, document]) => isShown(document));
  return listOf(call, prefix, Object.fromEntries(entries), view);
}
