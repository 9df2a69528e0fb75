/** What a run that died made and could not write down any more. */
import type { Dictionary } from '../../resources/record.ts';
import { CUSTOM_ID_TAG, SOURCE_TAG } from '../../resources/tags.ts';
import { differencesOf } from './differences.ts';
import { sourceTag } from './pinned-api.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { Wish } from './situation.ts';
import type { StackContext } from './stack-context.ts';
import type { PendingResource, StackEntry } from './stack-store.ts';

type Answer = Dictionary<unknown>;
type Tags = Dictionary<string>;

/**
 * The resource that is in the way of `wish` and belongs to the stack after all: an API by its tag, a
 * child of an API of the stack by the key that no two may share.
 */
export async function strayOf(
  { client, name }: StackContext,
  entries: readonly StackEntry[],
  { resource, collection, wanted }: Wish,
  body: Answer,
): Promise<Answer | undefined> {
  const { kind } = resource;
  if (kind.noun === 'Api') {
    const id = (body.tags as Tags)[CUSTOM_ID_TAG];
    const api = await client.find<Answer & { tags?: Tags }>(`${collection}/${id}`);
    return api?.tags?.[SOURCE_TAG] === sourceTag(name) ? api : undefined;
  }
  const { key, keyMember = key } = kind;
  if (!isInOurs(entries, collection) || key === undefined) return undefined;
  const all = await client.list<Answer>(collection);
  return all.find(
    (each) => each[keyMember!] === wanted[key] && !isKnown(entries, collection, kind, each),
  );
}

/** Whether a collection is in something that belongs to the stack alone. */
function isInOurs(entries: readonly StackEntry[], collection: string): boolean {
  return entries.some(
    ({ type, path }) => /::(?:Api|UsagePlan)$/.test(type) && collection.startsWith(`${path}/`),
  );
}

/**
 * Whether a resource whose creation was never answered can only be told by its looks. What has a key is
 * found by it, an API by its tag; a deployment looks like any other, and is in nobody's way.
 */
export function isToldByLooks({ key, noun, isSingleton }: ResourceKind): boolean {
  return key === undefined && noun !== 'Api' && noun !== 'Deployment' && !isSingleton;
}

/** Removes what was asked for and never answered, where only its looks can tell it. */
export async function sweep(
  { client, kindOf }: StackContext,
  entries: readonly StackEntry[],
  { type, collection, body }: PendingResource,
): Promise<void> {
  const kind = kindOf(type);
  if (!kind || !isToldByLooks(kind)) return;
  const parent = collection.split('/').slice(0, -1).join('/');
  if (!isInOurs(entries, collection) || !(await client.find(parent))) return;
  for (const each of await client.list<Answer>(collection)) {
    const { fields } = differencesOf(kind, { wanted: body, last: {}, actual: each });
    if (fields.length > 0 || isKnown(entries, collection, kind, each)) continue;
    await client.remove(`${collection}/${encodeURIComponent(String(each[kind.id]))}`);
  }
}

function isKnown(
  entries: readonly StackEntry[],
  collection: string,
  kind: ResourceKind,
  item: Answer,
): boolean {
  const path = `${collection}/${encodeURIComponent(String(item[kind.id]))}`;
  return entries.some((entry) => entry.path === path);
}
