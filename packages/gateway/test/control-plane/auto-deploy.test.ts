import { beforeEach, describe, expect, test } from 'vitest';
import type { DeploymentDocument } from '../../src/resources/deployment.ts';
import { makeApi, makeAuthorizer, makeIntegration, makeRoute } from './support/make.ts';
import { badRequest, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const StageName = 'prod';
let ApiId: string;
beforeEach(async () => {
  ApiId = await makeApi(plane);
});

const stage = () => plane.aws.getStage({ ApiId, StageName });
const createStage = () => plane.aws.createStage({ ApiId, StageName, AutoDeploy: true });
const deployedRouteKeys = async () => {
  const { DeploymentId } = await stage();
  const stored = await plane.store.get(`deployment/${ApiId}/${DeploymentId}`);
  const { snapshot } = stored!.value as DeploymentDocument;
  return Object.values(snapshot.routes).map((route) => route.routeKey);
};

describe('A stage with autoDeploy', () => {
  test('is deployed when it is created, and its creator sees it', async () => {
    await makeRoute(plane, ApiId, 'join');
    const { AutoDeploy, DeploymentId, LastDeploymentStatusMessage } = await createStage();
    expect(AutoDeploy).toBe(true);
    expect(LastDeploymentStatusMessage).toBe(
      `Successfully deployed stage with deployment ID '${DeploymentId}'`,
    );
    expect(await plane.aws.getDeployment({ ApiId, DeploymentId })).toMatchObject({
      AutoDeployed: true,
      DeploymentStatus: 'DEPLOYED',
      Description: 'Automatic deployment triggered by changes to the Api configuration',
    });
  });

  test('may come before the routes, and follows them when they come', async () => {
    const early = await createStage();
    expect(early.DeploymentId).toBeUndefined();
    expect(early.LastDeploymentStatusMessage).toBe(
      'Deployment attempt failed: At least one route is required before deploying the Api',
    );
    await makeRoute(plane, ApiId, 'join');
    expect(await deployedRouteKeys()).toEqual(['join']);
    await makeRoute(plane, ApiId, 'leave');
    expect((await deployedRouteKeys()).sort()).toEqual(['join', 'leave']);
  });

  test.each([
    ['a new integration', () => makeIntegration(plane, ApiId)],
    ['a changed API', () => plane.aws.updateApi({ ApiId, Name: 'talk' })],
    ['a new authorizer', () => makeAuthorizer(plane, ApiId)],
    ['a new model', () => plane.aws.createModel({ ApiId, Name: 'Message', Schema: '{}' })],
    [
      'a deleted route',
      async (routeId: string) => plane.aws.deleteRoute({ ApiId, RouteId: routeId }),
    ],
    [
      'a new route response',
      async (RouteId: string) =>
        plane.aws.createRouteResponse({ ApiId, RouteId, RouteResponseKey: '$default' }),
    ],
  ])('is deployed anew by %s', async (_, change) => {
    await makeRoute(plane, ApiId);
    const RouteId = await makeRoute(plane, ApiId, 'join');
    const before = await createStage();
    await change(RouteId);
    expect((await stage()).DeploymentId).not.toBe(before.DeploymentId);
  });

  test.each([
    [
      'a new tag',
      () =>
        plane.aws.tagResource({
          ResourceArn: `arn:aws:apigateway:us-east-1::/apis/${ApiId}`,
          Tags: { a: 'b' },
        }),
    ],
    ['another stage', () => plane.aws.createStage({ ApiId, StageName: 'other' })],
    [
      'a setting of its own',
      () => plane.aws.updateStage({ ApiId, StageName, StageVariables: { a: '1' } }),
    ],
    ['an empty PATCH', () => plane.aws.updateApi({ ApiId })],
  ])('stays where it is after %s', async (_, change) => {
    await makeRoute(plane, ApiId);
    const before = await createStage();
    await change();
    expect((await stage()).DeploymentId).toBe(before.DeploymentId);
  });

  test('is deployed when autoDeploy is switched on', async () => {
    await makeRoute(plane, ApiId);
    await plane.aws.createStage({ ApiId, StageName });
    const { DeploymentId } = await plane.aws.updateStage({ ApiId, StageName, AutoDeploy: true });
    expect(DeploymentId).toMatch(/^[a-z0-9]{6}$/);
  });

  test('stays on its deployment when the last route goes, and says why', async () => {
    const RouteId = await makeRoute(plane, ApiId);
    const { DeploymentId } = await createStage();
    await plane.aws.deleteRoute({ ApiId, RouteId });
    expect(await stage()).toMatchObject({
      DeploymentId,
      LastDeploymentStatusMessage:
        'Deployment attempt failed: At least one route is required before deploying the Api',
    });
  });

  test('cannot be given a deployment by hand', async () => {
    await makeRoute(plane, ApiId);
    const { DeploymentId } = await createStage();
    expect(await refusal(plane.aws.updateStage({ ApiId, StageName, DeploymentId }))).toEqual(
      badRequest('Deployment ID cannot be set on this stage because AutoDeploy is enabled.'),
    );
  });

  test('does not pile up deployments, and leaves those made by hand alone', async () => {
    await makeRoute(plane, ApiId);
    const byHand = await plane.aws.createDeployment({ ApiId });
    await createStage();
    for (let change = 1; change <= 5; change += 1) {
      await plane.aws.updateApi({ ApiId, Description: `change ${change}` });
    }
    const { DeploymentId } = await stage();
    const { Items } = await plane.aws.getDeployments({ ApiId });
    const ids = Items!.map((item) => item.DeploymentId);
    expect(ids).toHaveLength(3);
    expect(ids).toEqual(expect.arrayContaining([DeploymentId, byHand.DeploymentId]));
  });
});
