/** What is to become of one resource: how it is, how it should be, and so what to do. */
import { createHash } from 'node:crypto';
import type { Dictionary } from '../../resources/record.ts';
import { CUSTOM_ID_TAG } from '../../resources/tags.ts';
import { type Lookup, settle } from '../cloudformation/deferred.ts';
import type { ControlClient } from '../control-client.ts';
import { type Differences, differencesOf } from './differences.ts';
import { collectionPath } from './resource-kind.ts';
import type { StackEntry } from './stack-store.ts';
import type { StackResource } from './stack-template.ts';
import { wireProperties } from './wire-properties.ts';

export interface Wish {
  readonly resource: StackResource;
  readonly parents: Dictionary<string>;
  readonly collection: string;
  readonly wanted: Dictionary<unknown>;
  readonly digest?: string;
}

export interface Situation extends Wish {
  readonly decision: 'create' | 'update' | 'replace' | 'same';
  readonly entry?: StackEntry;
  /** As the control plane shows it; absent when it is not there. */
  readonly actual?: Dictionary<unknown>;
  readonly differences: Differences;
  /** Why it is made or replaced, where that is not plain. */
  readonly reason?: string;
}

const NO_DIFFERENCES: Differences = { fields: [], removals: [], mustReplace: false };

/** The resource with everything known. Throws `TemplateError` for a property that makes no sense. */
export function wishFor(resource: StackResource, lookup: Lookup, wishes: readonly Wish[]): Wish {
  const { kind, properties, fail } = resource;
  const known = settle(properties, lookup) as Dictionary<unknown>;
  const { parents, wanted } = wireProperties(kind, known, fail);
  const collection = collectionPath(kind, parents);
  const isDeployment = kind.noun === 'Deployment';
  return {
    resource,
    parents,
    wanted,
    collection,
    ...(isDeployment && { digest: digestOf(wishes, parents.ApiId!, lookup) }),
  };
}

/** `wishes`: those of the resources before it; of the API's, a deployment keeps a copy. */
function digestOf(wishes: readonly Wish[], apiId: string, lookup: Lookup): string {
  const frozen = wishes
    .filter(({ resource, parents }) => {
      const { kind, logicalId } = resource;
      return kind.isFrozen && (parents.ApiId ?? lookup({ logicalId })) === apiId;
    })
    .map(({ resource, parents, wanted }) => [resource.logicalId, parents, wanted] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(frozen)).digest('hex').slice(0, 16);
}

/**
 * The entry of a resource. One that was only given another logical id is found by what makes it unique,
 * so that a new name in the file does not take the thing itself away.
 */
export function entryFor(
  wish: Wish,
  entries: readonly StackEntry[],
  isInTemplate: (logicalId: string) => boolean,
): StackEntry | undefined {
  const { resource, collection, wanted } = wish;
  const { logicalId, kind } = resource;
  const living = entries.filter((entry) => entry.type === kind.type && !entry.isReplaced);
  const own = living.find((entry) => entry.logicalId === logicalId);
  const { key } = kind;
  const pinned = (wanted.tags as Dictionary<string> | undefined)?.[CUSTOM_ID_TAG];
  if (!own && kind.noun === 'Api' && pinned !== undefined) {
    return living.find((entry) => entry.id === pinned && !isInTemplate(entry.logicalId));
  }
  if (own || key === undefined) return own;
  return living.find(
    (entry) =>
      !isInTemplate(entry.logicalId) &&
      entry.path.startsWith(`${collection}/`) &&
      entry.wanted[key] === wanted[key],
  );
}

export async function situationOf(
  wish: Wish,
  entry: StackEntry | undefined,
  client: ControlClient,
): Promise<Situation> {
  const plain = { ...wish, differences: NO_DIFFERENCES };
  if (!entry) return { ...plain, decision: 'create' };
  const actual = await client.find<Dictionary<unknown>>(entry.path);
  if (!actual) return { ...plain, entry, decision: 'create', reason: 'it was removed elsewhere' };

  const { kind } = wish.resource;
  const { wanted, collection, digest } = wish;
  const differences = differencesOf(kind, { wanted, last: entry.wanted, actual });
  const known = { ...wish, entry, actual, differences };
  const isElsewhere = !kind.isSingleton && !entry.path.startsWith(`${collection}/`);
  if (isElsewhere) return { ...known, decision: 'replace', reason: 'it moves' };
  if (digest !== entry.digest) {
    return { ...known, decision: 'replace', reason: 'what it keeps a copy of changed' };
  }
  if (differences.mustReplace) return { ...known, decision: 'replace' };
  return { ...known, decision: differences.fields.length > 0 ? 'update' : 'same' };
}
