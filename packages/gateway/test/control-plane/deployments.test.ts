import { beforeEach, describe, expect, test } from 'vitest';
import type { DeploymentDocument } from '../../src/resources/deployment.ts';
import { makeApi, makeIntegration, makeRoute } from './support/make.ts';
import { badRequest, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const StageName = 'prod';
let ApiId: string;
beforeEach(async () => {
  ApiId = await makeApi(plane);
});

const snapshotOf = async (deploymentId: string) => {
  const stored = await plane.store.get(`deployment/${ApiId}/${deploymentId}`);
  return (stored!.value as DeploymentDocument).snapshot;
};

describe('CreateDeployment', () => {
  test('answers exactly the fields AWS answers, DEPLOYED straight away', async () => {
    await makeRoute(plane, ApiId);
    const { $metadata, ...made } = await plane.aws.createDeployment({ ApiId });
    expect($metadata.httpStatusCode).toBe(201);
    expect(made).toEqual({
      AutoDeployed: false,
      CreatedDate: new Date('2026-01-02T03:04:05Z'),
      DeploymentId: expect.stringMatching(/^[a-z0-9]{6}$/),
      DeploymentStatus: 'DEPLOYED',
    });
  });

  test('freezes the API: later edits do not reach it', async () => {
    const IntegrationId = await makeIntegration(plane, ApiId);
    const Target = `integrations/${IntegrationId}`;
    const { RouteId } = await plane.aws.createRoute({ ApiId, RouteKey: 'join', Target });
    await plane.aws.createRouteResponse({ ApiId, RouteId, RouteResponseKey: '$default' });
    const { DeploymentId } = await plane.aws.createDeployment({ ApiId });
    const frozen = await snapshotOf(DeploymentId!);
    expect(Object.values(frozen.routes)).toMatchObject([{ routeKey: 'join', target: Target }]);
    expect(Object.values(frozen.integrations)).toMatchObject([{ integrationId: IntegrationId }]);
    expect(Object.values(frozen.routeResponses)).toMatchObject([{ routeId: RouteId }]);
    expect(frozen.api).toMatchObject({ apiId: ApiId, name: 'chat' });

    await plane.aws.deleteRoute({ ApiId, RouteId });
    await plane.aws.deleteIntegration({ ApiId, IntegrationId });
    await plane.aws.updateApi({ ApiId, Name: 'other' });
    expect(await snapshotOf(DeploymentId!)).toEqual(frozen);
  });

  test('with a stage name moves that stage, and dates it', async () => {
    await makeRoute(plane, ApiId);
    await plane.aws.createStage({ ApiId, StageName });
    await plane.aws.createStage({ ApiId, StageName: 'other' });
    plane.clock.move(1000);
    const { DeploymentId, ...made } = await plane.aws.createDeployment({ ApiId, StageName });
    expect(made).not.toHaveProperty('StageName');
    const stage = await plane.aws.getStage({ ApiId, StageName });
    expect(stage.DeploymentId).toBe(DeploymentId);
    expect(stage.LastUpdatedDate!.getTime()).toBe(stage.CreatedDate!.getTime() + 1000);
    const other = await plane.aws.getStage({ ApiId, StageName: 'other' });
    expect(other.DeploymentId).toBeUndefined();
  });

  test('makes a new deployment each time, even without a change', async () => {
    await makeRoute(plane, ApiId);
    const first = await plane.aws.createDeployment({ ApiId });
    const second = await plane.aws.createDeployment({ ApiId });
    expect(second.DeploymentId).not.toBe(first.DeploymentId);
    const { Items } = await plane.aws.getDeployments({ ApiId });
    expect(Items!.map((item) => item.DeploymentId).sort()).toEqual(
      [first.DeploymentId, second.DeploymentId].sort(),
    );
  });

  test('without routes answers 400', async () => {
    expect(await refusal(plane.aws.createDeployment({ ApiId }))).toEqual(
      badRequest('At least one route is required before deploying the Api'),
    );
  });

  test('to an unknown stage answers 404 and deploys nothing', async () => {
    await makeRoute(plane, ApiId);
    expect(await refusal(plane.aws.createDeployment({ ApiId, StageName }))).toEqual(
      notFound('Stage', 'Invalid stage identifier specified'),
    );
    expect((await plane.aws.getDeployments({ ApiId })).Items).toEqual([]);
  });
});

describe('UpdateDeployment', () => {
  test('changes the description and nothing else', async () => {
    await makeRoute(plane, ApiId);
    const { DeploymentId, CreatedDate } = await plane.aws.createDeployment({
      ApiId,
      Description: 'first',
    });
    const frozen = await snapshotOf(DeploymentId!);
    const one = { ApiId, DeploymentId };
    expect(await plane.aws.updateDeployment({ ...one })).toMatchObject({ Description: 'first' });
    await plane.aws.updateDeployment({ ...one, Description: 'second' });
    expect(await plane.aws.getDeployment(one)).toMatchObject({
      Description: 'second',
      CreatedDate,
      DeploymentStatus: 'DEPLOYED',
    });
    await plane.aws.updateDeployment({ ...one, Description: '' });
    expect(await plane.aws.getDeployment(one)).not.toHaveProperty('Description');
    expect(await snapshotOf(DeploymentId!)).toEqual(frozen);
  });
});

describe('DeleteDeployment', () => {
  test('answers 400 while a stage points to it', async () => {
    await makeRoute(plane, ApiId);
    await plane.aws.createStage({ ApiId, StageName });
    const { DeploymentId } = await plane.aws.createDeployment({ ApiId, StageName });
    const remove = () => plane.aws.deleteDeployment({ ApiId, DeploymentId });
    expect(await refusal(remove())).toEqual(
      badRequest('Active stages pointing to this deployment must be moved or deleted'),
    );
    await plane.aws.createDeployment({ ApiId, StageName });
    expect((await remove()).$metadata.httpStatusCode).toBe(204);
    const unknown = notFound(
      'Deployment',
      `Invalid Deployment identifier specified ${DeploymentId}`,
    );
    expect(await refusal(remove())).toEqual(unknown);
    expect(await refusal(plane.aws.getDeployment({ ApiId, DeploymentId }))).toEqual(unknown);
    expect(await refusal(plane.aws.updateDeployment({ ApiId, DeploymentId }))).toEqual(unknown);
  });
});

describe('A stage', () => {
  test('goes back to an older deployment with UpdateStage', async () => {
    await makeRoute(plane, ApiId);
    await plane.aws.createStage({ ApiId, StageName });
    const first = await plane.aws.createDeployment({ ApiId, StageName });
    await plane.aws.createDeployment({ ApiId, StageName });
    const { DeploymentId } = first;
    const stage = await plane.aws.updateStage({ ApiId, StageName, DeploymentId });
    expect(stage.DeploymentId).toBe(DeploymentId);
  });
});
