import { deploymentPrefix } from '../resources/api-document.ts';
import { type DeploymentDocument, deploymentFields } from '../resources/deployment.ts';
import { patch } from '../resources/patch.ts';
import { badRequest } from '../resources/problems.ts';
import { readFields } from '../resources/read-fields.ts';
import { clearedFields, viewOf } from '../resources/view.ts';
import { changeApi, readApi } from './api-store.ts';
import {
  findDeployment,
  newDeployment,
  noRoutes,
  unknownDeployment,
} from './deployment-document.ts';
import { listDocuments } from './document-store.ts';
import { type Call, dateOf, type Operation } from './operation.ts';
import { findStage, putStage } from './stages.ts';

const path = '/v2/apis/{apiId}/deployments';
const one = `${path}/{deploymentId}`;

export const deploymentOperations: Operation[] = [
  { operation: 'GetDeployments', method: 'GET', path, status: 200, handler: getDeployments },
  { operation: 'CreateDeployment', method: 'POST', path, status: 201, handler: createDeployment },
  {
    operation: 'DeleteDeployment',
    method: 'DELETE',
    path: one,
    status: 204,
    handler: deleteDeployment,
  },
  { operation: 'GetDeployment', method: 'GET', path: one, status: 200, handler: getDeployment },
  {
    operation: 'UpdateDeployment',
    method: 'PATCH',
    path: one,
    status: 200,
    handler: updateDeployment,
  },
];

async function getDeployments(call: Call) {
  const { api } = await readApi(call.context, call.params.apiId!);
  const prefix = deploymentPrefix(api.apiId);
  return listDocuments<DeploymentDocument>(call, { prefix }, ({ deployment }) =>
    viewOf(deploymentFields, deployment),
  );
}

async function getDeployment({ context, params }: Call) {
  await readApi(context, params.apiId!);
  const stored = await existing(context, params);
  return viewOf(deploymentFields, stored.value.deployment);
}

/** Freezes the API as it is. With `stageName`, that stage moves to it in the same commit. */
function createDeployment({ context, params, body }: Call) {
  return changeApi(context, params.apiId!, async (document) => {
    const asked = readFields(deploymentFields, body, 'create', context.lenient);
    const stageName = asked.stageName as string | undefined;
    const stage = stageName === undefined ? undefined : findStage(document, stageName);
    if (Object.keys(document.routes).length === 0 && !context.lenient) throw badRequest(noRoutes);
    const { description } = asked;
    const change = await newDeployment(context, document, {
      autoDeployed: false,
      ...(description && { description }),
    });
    const { deployment } = change.value;
    const { deploymentId } = deployment;
    return {
      document: stage ? putStage(document, { ...stage, deploymentId }, dateOf(context)) : document,
      also: [change],
      answer: () => viewOf(deploymentFields, deployment),
    };
  });
}

/** Only the description: what a deployment froze stays as it was. */
function updateDeployment({ context, params, body }: Call) {
  return changeApi(context, params.apiId!, async (document) => {
    const { key, value, version } = await existing(context, params);
    const asked = readFields(deploymentFields, body, 'update', context.lenient);
    const deployment = patch(deploymentFields, value.deployment, asked);
    const isSame = Object.keys(asked).length === 0;
    return {
      document,
      also: isSame ? [] : [{ key, value: { ...value, deployment }, expectedVersion: version }],
      answer: () => viewOf(deploymentFields, deployment, clearedFields(deploymentFields, asked)),
    };
  });
}

async function deleteDeployment({ context, params }: Call): Promise<void> {
  await changeApi(context, params.apiId!, async (document) => {
    const { key, version } = await existing(context, params);
    const stages = Object.values(document.stages);
    if (stages.some(({ deploymentId }) => deploymentId === params.deploymentId)) {
      throw badRequest('Active stages pointing to this deployment must be moved or deleted');
    }
    // The API's document is written along: a stage moving here at this moment makes one of us retry.
    return {
      document,
      also: [{ key, value: undefined, expectedVersion: version }],
      answer: () => undefined,
    };
  });
}

async function existing(context: Call['context'], params: Call['params']) {
  const stored = await findDeployment(context, params.apiId!, params.deploymentId!);
  if (stored) return stored;
  throw unknownDeployment(params.deploymentId!);
}
