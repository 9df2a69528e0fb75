/**
 * What a deployment would change for the clients of a stage: the API as it is now against the snapshot
 * the stage serves.
 */
import { type ApiDocument, apiDocumentKey, deploymentKey } from '../resources/api-document.ts';
import type { DeploymentDocument, DeploymentSnapshot } from '../resources/deployment.ts';
import { notFound } from '../resources/problems.ts';
import type { Call, Operation } from './operation.ts';

export interface StageChanges {
  readonly apiId: string;
  readonly stage: string;
  /** Absent before the first deployment. */
  readonly deploymentId?: string;
  readonly deployedAt?: string;
  readonly autoDeploy: boolean;
  readonly items: readonly ResourceChange[];
}

export interface ResourceChange {
  readonly kind: string;
  /** Route key, integration id, name: what a reader calls it. */
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly fields: readonly FieldChange[];
}

export interface FieldChange {
  readonly field: string;
  /** In the deployment; absent where there was none. */
  readonly before?: unknown;
  /** In the API as it is now. */
  readonly after?: unknown;
}

export const stageChangesOperation: Operation = {
  operation: 'GetStageChanges',
  method: 'GET',
  path: '/apis/{apiId}/stages/{stage}/changes',
  sentence:
    'What a deployment would change: each resource that was `added`, `removed` or `changed` since the ' +
    'deployment the stage serves, field by field.',
  handler: getStageChanges,
};

async function getStageChanges({ context, params }: Call): Promise<StageChanges> {
  const { apiId = '', stage: stageName = '' } = params;
  const stored = await context.store.get(apiDocumentKey(apiId));
  const document = stored?.value as ApiDocument | undefined;
  if (!document) throw notFound('Api', `Invalid API identifier specified ${apiId}`);
  const stage = Object.hasOwn(document.stages, stageName) ? document.stages[stageName] : undefined;
  if (!stage) throw notFound('Stage', `Invalid stage identifier specified ${stageName}`);
  const { deploymentId } = stage;
  const deployment =
    deploymentId === undefined
      ? undefined
      : ((await context.store.get(deploymentKey(apiId, deploymentId)))?.value as
          | DeploymentDocument
          | undefined);
  return {
    apiId,
    stage: stageName,
    ...(deployment && {
      deploymentId,
      deployedAt: deployment.deployment.createdDate,
    }),
    autoDeploy: stage.autoDeploy ?? false,
    items: changesBetween(deployment?.snapshot, document),
  };
}

const COLLECTIONS = [
  ['Route', 'routes'],
  ['RouteResponse', 'routeResponses'],
  ['Integration', 'integrations'],
  ['IntegrationResponse', 'integrationResponses'],
  ['Authorizer', 'authorizers'],
  ['Model', 'models'],
] as const;

type Fields = Readonly<Record<string, unknown>>;

function changesBetween(
  before: DeploymentSnapshot | undefined,
  after: DeploymentSnapshot,
): ResourceChange[] {
  const api = compare('Api', after.api.name, apiFields(before?.api), apiFields(after.api));
  const children = COLLECTIONS.flatMap(([kind, collection]) => {
    const old = (before?.[collection] ?? {}) as unknown as Readonly<Record<string, Fields>>;
    const now = after[collection] as unknown as Readonly<Record<string, Fields>>;
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((id) =>
      compare(kind, nameOf(now[id] ?? old[id]!, id), old[id], now[id]),
    );
  });
  return [...(before ? api : []), ...children];
}

/** Tags and description take effect at once; a deployment does not carry them to clients. */
function apiFields(api: ApiDocument['api'] | undefined): Fields | undefined {
  if (!api) return undefined;
  const { tags: _, description: __, version: ___, name: ____, ...rest } = api;
  return rest;
}

function compare(
  kind: string,
  name: string,
  before: Fields | undefined,
  after: Fields | undefined,
): ResourceChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const fields = names
    .filter((field) => !isSame(before?.[field], after?.[field]))
    .map((field) => ({
      field,
      ...(before?.[field] !== undefined && { before: before[field] }),
      ...(after?.[field] !== undefined && { after: after[field] }),
    }));
  if (!before) return [{ kind, name, change: 'added', fields }];
  if (!after) return [{ kind, name, change: 'removed', fields }];
  return fields.length > 0 ? [{ kind, name, change: 'changed', fields }] : [];
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function nameOf(resource: Fields, id: string): string {
  const { routeKey, name, integrationUri, integrationType } = resource;
  const shown = routeKey ?? name ?? integrationUri ?? integrationType;
  return shown === undefined ? id : String(shown);
}
