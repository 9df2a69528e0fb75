import { applyRoutes } from './apply-routes.ts';
import { applyStage, FILE_TAGS, isFromFile } from './apply-stage.ts';
import {
  ApplyError,
  type ControlCall,
  type ControlClient,
  controlClient,
} from './control-client.ts';
import type { PosternApi, PosternFile } from './postern-file.ts';

interface ApiAnswer {
  readonly apiId: string;
  readonly name: string;
  readonly routeSelectionExpression: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Makes the control plane hold what the file says, by control-plane calls alone: as anyone could with
 * the aws CLI. APIs made from the file carry a tag; those that the file no longer names are removed,
 * others are never touched. Applying the same file again changes nothing.
 * Resolves with a sentence per change. Rejects with `ApplyError` where the control plane refuses.
 */
export async function applyPosternFile(file: PosternFile, call: ControlCall): Promise<string[]> {
  const client = controlClient(call);
  const changes: string[] = [];
  const all = await client.list<ApiAnswer>('/v2/apis');
  const wanted = new Set(file.apis.map((api) => api.id));
  assertFree(file.apis, all);

  for (const { apiId, name } of all.filter(isFromFile).filter(({ apiId }) => !wanted.has(apiId))) {
    await client.remove(`/v2/apis/${apiId}`);
    changes.push(`Removed API ${name} (${apiId})`);
  }
  for (const api of file.apis) {
    const current = all.find(({ apiId }) => apiId === api.id);
    const place = client.at(`apis.${api.name}`);
    changes.push(
      ...(await applyApi(api, current, place)),
      ...(await applyRoutes(api, place)),
      ...(await applyStage(api, place)),
    );
  }
  return changes;
}

function assertFree(apis: readonly PosternApi[], all: readonly ApiAnswer[]): void {
  for (const { id, name } of apis) {
    const other = all.find(({ apiId }) => apiId === id);
    if (!other || isFromFile(other)) continue;
    throw new ApplyError(
      `apis.${name}.id: ${id} is the id of the API "${other.name}", which was not made from this ` +
        'file. Choose another id, or delete that API.',
    );
  }
}

async function applyApi(
  { id, name, routeSelectionExpression }: PosternApi,
  current: ApiAnswer | undefined,
  client: ControlClient,
): Promise<string[]> {
  if (!current) {
    await client.create('/v2/apis', {
      name,
      protocolType: 'WEBSOCKET',
      routeSelectionExpression,
      tags: { ...FILE_TAGS, _custom_id_: id },
    });
    return [`Created API ${name} (${id})`];
  }
  const isSame =
    current.name === name && current.routeSelectionExpression === routeSelectionExpression;
  if (isSame) return [];
  await client.update(`/v2/apis/${id}`, { name, routeSelectionExpression });
  return [`Changed API ${name} (${id})`];
}
