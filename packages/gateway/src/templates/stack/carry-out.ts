import type { ControlClient } from '../control-client.ts';
import type { Differences, TagChanges } from './differences.ts';
import type { ResourceKind } from './resource-kind.ts';

interface Subject {
  readonly kind: ResourceKind;
  readonly path: string;
  readonly region: string;
}

/** Makes the calls that a difference asks for. */
export async function carryOut(
  { kind, path, region }: Subject,
  { patch, removals, tags }: Differences,
  client: ControlClient,
): Promise<void> {
  for (const below of removals) await client.remove(`${path}${below}`);
  if (patch) await client.update(path, patch);
  if (!tags || kind.tagsAt === undefined) return;
  await changeTags(`arn:aws:apigateway:${region}::${path.replace(/^\/v2/, '')}`, tags, client);
}

async function changeTags(
  arn: string,
  { set, removed }: TagChanges,
  client: ControlClient,
): Promise<void> {
  // Keys and plans belong to the older API, which has tags of its own.
  const isOlder = !/::\/(?:apis|domainnames|vpclinks)\//.test(arn);
  const path = `${isOlder ? '' : '/v2'}/tags/${encodeURIComponent(arn)}`;
  if (Object.keys(set).length > 0) {
    if (isOlder) await client.put(path, { tags: set });
    else await client.create(path, { tags: set });
  }
  if (removed.length === 0) return;
  const query = removed.map((key) => `tagKeys=${encodeURIComponent(key)}`).join('&');
  await client.remove(`${path}?${query}`);
}
