import { type ApiDocument, deploymentKey } from '../resources/api-document.ts';
import { type Deployment, type DeploymentDocument, snapshotOf } from '../resources/deployment.ts';
import { notFound } from '../resources/problems.ts';
import { freshId, isId } from './fresh-id.ts';
import { type ControlContext, dateOf } from './operation.ts';

export const noRoutes = 'At least one route is required before deploying the Api';

/** A deployment of the API as it is, as the change that stores it. */
export async function newDeployment(
  context: ControlContext,
  document: ApiDocument,
  fields: Pick<Deployment, 'autoDeployed' | 'description'>,
) {
  const { apiId } = document.api;
  const keyOf = (id: string) => deploymentKey(apiId, id);
  const isTaken = async (id: string) => (await context.store.get(keyOf(id))) !== undefined;
  const deploymentId = await freshId(context, 6, isTaken);
  const deployment: Deployment = {
    deploymentId,
    createdDate: dateOf(context),
    deploymentStatus: 'DEPLOYED',
    ...fields,
  };
  const value: DeploymentDocument = { deployment, snapshot: snapshotOf(document) };
  return { key: keyOf(deploymentId), value, expectedVersion: 0 };
}

/** The stored deployment, or `undefined`. */
export async function findDeployment(context: ControlContext, apiId: string, deploymentId: string) {
  const stored = isId(deploymentId)
    ? await context.store.get(deploymentKey(apiId, deploymentId))
    : undefined;
  return stored && { ...stored, value: stored.value as DeploymentDocument };
}

export const unknownDeployment = (deploymentId: string) =>
  notFound('Deployment', `Invalid Deployment identifier specified ${deploymentId}`);
