/**
 * Lists in pages, in the order of their keys. A token holds the last key shown and not a count, so it
 * stays right while entries come and go, and it names its collection, so it fits no other.
 */
import { badRequest } from '../resources/problems.ts';
import { byKey } from '../resources/record.ts';

/** AWS documents neither number for v2; these are the ones of its v1 API. */
const ITEMS_DEFAULT = 25;
const ITEMS_MAX = 500;

export interface PageRequest {
  readonly collection: string;
  readonly limit: number;
  /** Entries after this key. */
  readonly after: string | undefined;
}

/** What a query calls the size of a page, and the token of the next one. */
interface PageNames {
  readonly size: string;
  readonly token: string;
}

const v2Names: PageNames = { size: 'maxResults', token: 'nextToken' };

/** Reads which page is asked for. `collection` is any text that names the list. */
export function readPage(query: URLSearchParams, collection: string, names = v2Names): PageRequest {
  const size = query.get(names.size) ?? String(ITEMS_DEFAULT);
  if (!/^[1-9]\d{0,8}$/.test(size)) {
    throw badRequest(`Invalid ${names.size} specified. Must be a number greater than 0`);
  }
  const token = query.get(names.token) ?? '';
  const after = token === '' ? undefined : readToken(token, collection, names.token);
  return { collection, limit: Math.min(Number(size), ITEMS_MAX), after };
}

/** The page of a list that is at hand as a whole. */
export function pageOf<T>(entries: Readonly<Record<string, T>>, page: PageRequest) {
  const { after } = page;
  const rest = Object.entries(entries).filter(([key]) => after === undefined || key > after);
  return pageAnswer(rest.sort(byKey), page);
}

/** `entries` are those after the token, in order, at least one more than the page when there are. */
export function pageAnswer<T>(entries: readonly (readonly [string, T])[], page: PageRequest) {
  const shown = entries.slice(0, page.limit);
  const items = shown.map(([, item]) => item);
  if (entries.length <= page.limit) return { items };
  return { items, nextToken: writeToken(page.collection, shown.at(-1)![0]) };
}

function writeToken(collection: string, last: string): string {
  return Buffer.from(`${collection}\n${last}`).toString('base64url');
}

function readToken(token: string, collection: string, called: string): string {
  const [name, last = ''] = Buffer.from(token, 'base64url').toString().split('\n');
  // The key becomes part of a key of the store, so it must look like one.
  if (name === collection && /^[\w$*.-]{1,512}$/.test(last)) return last;
  throw badRequest(`Invalid ${called} specified`);
}
