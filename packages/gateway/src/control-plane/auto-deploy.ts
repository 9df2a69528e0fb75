/**
 * Stages with `autoDeploy` follow every change of their API: the commit that changes it also holds
 * one new deployment and the stages moved to it. Clients never see a state between.
 */
import type { Change } from '../engines/engine.ts';
import type { Api } from '../resources/api.ts';
import { type ApiDocument, deploymentKey, deploymentPrefix } from '../resources/api-document.ts';
import { type DeploymentDocument, snapshotOf } from '../resources/deployment.ts';
import { own } from '../resources/record.ts';
import type { Stage } from '../resources/stage.ts';
import { newDeployment, noRoutes } from './deployment-document.ts';
import { type ControlContext, dateOf } from './operation.ts';

interface AutoDeployed {
  readonly document: ApiDocument;
  readonly changes: readonly Change[];
}

/** `after` with its automatic stages moved to a new deployment, when there is reason to make one. */
export async function autoDeploy(
  context: ControlContext,
  before: ApiDocument,
  after: ApiDocument,
): Promise<AutoDeployed> {
  const isChanged = isDeployable(before, after);
  const stages = Object.values(after.stages).filter(
    (stage) => stage.autoDeploy && (isChanged || !own(before.stages, stage.stageName)?.autoDeploy),
  );
  if (stages.length === 0) return { document: after, changes: [] };
  if (Object.keys(after.routes).length === 0) {
    const lastDeploymentStatusMessage = `Deployment attempt failed: ${noRoutes}`;
    return { document: move(after, stages, { lastDeploymentStatusMessage }), changes: [] };
  }
  const deployment = await newDeployment(context, after, {
    autoDeployed: true,
    description: 'Automatic deployment triggered by changes to the Api configuration',
  });
  const { deploymentId } = deployment.value.deployment;
  const document = move(after, stages, {
    deploymentId,
    lastUpdatedDate: dateOf(context),
    lastDeploymentStatusMessage: `Successfully deployed stage with deployment ID '${deploymentId}'`,
  });
  return { document, changes: [deployment, ...(await outdated(context, before, document))] };
}

/** Changes make new objects, so unchanged parts are the same ones. Tags are not deployed. */
function isDeployable(before: ApiDocument, after: ApiDocument): boolean {
  const untagged = ({ tags: _, ...api }: Api) => JSON.stringify(api);
  const { api, ...children } = snapshotOf(before);
  const names = Object.keys(children) as (keyof typeof children)[];
  return (
    names.some((name) => before[name] !== after[name]) || untagged(api) !== untagged(after.api)
  );
}

function move(document: ApiDocument, stages: readonly Stage[], to: Partial<Stage>): ApiDocument {
  const moved = stages.map((stage): [string, Stage] => [stage.stageName, { ...stage, ...to }]);
  return { ...document, stages: { ...document.stages, ...Object.fromEntries(moved) } };
}

/**
 * Automatic deployments no stage points to any more, so that they do not pile up. Those the stages
 * are just leaving stay until the next change: another node may be about to read them.
 */
async function outdated(
  context: ControlContext,
  before: ApiDocument,
  after: ApiDocument,
): Promise<Change[]> {
  const { apiId } = after.api;
  const used = new Set(
    [before, after]
      .flatMap((document) => Object.values(document.stages))
      .map((stage) => stage.deploymentId && deploymentKey(apiId, stage.deploymentId)),
  );
  const stored = await context.store.list(deploymentPrefix(apiId));
  return stored
    .filter(
      ({ key, value }) => !used.has(key) && (value as DeploymentDocument).deployment.autoDeployed,
    )
    .map(({ key, version }) => ({ key, value: undefined, expectedVersion: version }));
}
