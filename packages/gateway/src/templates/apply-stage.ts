import { createHash } from 'node:crypto';
import { EXTENSION_TAG_PREFIX, extensionNames } from '../resources/stage-extensions.ts';
import { SOURCE_TAG } from '../resources/tags.ts';
import { mergePatch } from './apply-routes.ts';
import type { ControlClient } from './control-client.ts';
import type { PosternApi } from './postern-file.ts';

/** Marks what was made from the file, and only that is ever removed. */
export const FILE_TAGS = { [SOURCE_TAG]: 'file' };

export function isFromFile({ tags }: { readonly tags?: Readonly<Record<string, string>> }) {
  return tags?.[SOURCE_TAG] === 'file';
}

interface StageAnswer {
  readonly stageName: string;
  readonly deploymentId?: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Makes the stage of an API the one of the file, and deploys to it what is not in force yet. */
export async function applyStage(api: PosternApi, client: ControlClient): Promise<string[]> {
  const base = `/v2/apis/${api.id}`;
  const changes: string[] = [];
  const stages = await client.list<StageAnswer>(`${base}/stages`);
  const current = stages.find(({ stageName }) => stageName === api.stage);
  if (!current) {
    await client.create(`${base}/stages`, {
      stageName: api.stage,
      stageVariables: api.stageVariables,
      tags: { ...FILE_TAGS, ...settingTags(api) },
    });
    changes.push(`${api.name}: created stage ${api.stage}`);
  } else {
    const stageVariables = mergePatch(api.stageVariables, current.stageVariables);
    if (stageVariables) {
      await client.update(`${base}/stages/${api.stage}`, { stageVariables });
      changes.push(`${api.name}: changed the variables of stage ${api.stage}`);
    }
    if (await applySettings(api, current, client)) {
      changes.push(`${api.name}: changed the settings of stage ${api.stage}`);
    }
  }
  changes.push(...(await deploy(api, current, client)));
  for (const { stageName } of stages.filter(isFromFile)) {
    if (stageName === api.stage) continue;
    await client.remove(`${base}/stages/${stageName}`);
    changes.push(`${api.name}: removed stage ${stageName}`);
  }
  return changes;
}

/** Settings are tags of the stage. A setting the file no longer names is AWS's again. */
async function applySettings(
  api: PosternApi,
  { tags: current = {} }: StageAnswer,
  client: ControlClient,
): Promise<boolean> {
  // A tag belongs to a resource of any region: the gateway looks at the API and the stage alone.
  const arn = `arn:aws:apigateway:us-east-1::/apis/${api.id}/stages/${api.stage}`;
  const path = `/v2/tags/${encodeURIComponent(arn)}`;
  const wanted = settingTags(api);
  const changed = Object.entries(wanted).filter(([key, value]) => current[key] !== value);
  const removed = extensionNames
    .map((name) => EXTENSION_TAG_PREFIX + name)
    .filter((key) => Object.hasOwn(current, key) && !Object.hasOwn(wanted, key));
  if (changed.length > 0) await client.create(path, { tags: Object.fromEntries(changed) });
  if (removed.length > 0) {
    const query = removed.map((key) => `tagKeys=${encodeURIComponent(key)}`);
    await client.remove(`${path}?${query.join('&')}`);
  }
  return changed.length + removed.length > 0;
}

function settingTags({ settings }: PosternApi): Record<string, string> {
  const entries = Object.entries(settings);
  return Object.fromEntries(entries.map(([name, value]) => [EXTENSION_TAG_PREFIX + name, value]));
}

/**
 * The deployment's description carries a digest of what the file says. Comparing it, and not whether
 * this run changed anything, also deploys what a crash left changed and undeployed.
 */
async function deploy(
  api: PosternApi,
  stage: StageAnswer | undefined,
  client: ControlClient,
): Promise<string[]> {
  const path = `/v2/apis/${api.id}/deployments`;
  const wanted = `postern.yaml ${digestOf(api)}`;
  const currentId = stage?.deploymentId;
  const current =
    currentId === undefined
      ? undefined
      : await client.get<{ description?: string }>(`${path}/${currentId}`);
  if (current?.description === wanted) return [];
  await client.create(path, { stageName: api.stage, description: wanted });
  // A file saved a hundred times should not leave a hundred snapshots. Refused while another stage
  // points at it, which is that stage's good right.
  const isOurs = current?.description?.startsWith('postern.yaml ') ?? false;
  if (isOurs) await client.remove(`${path}/${currentId}`).catch(() => {});
  return [`${api.name}: deployed to stage ${api.stage}`];
}

function digestOf({ routeSelectionExpression, routes }: PosternApi): string {
  const text = JSON.stringify({ routeSelectionExpression, routes });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
