import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi, makeRoute } from './support/make.ts';
import { badRequest, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
const routeIds: string[] = [];
beforeAll(async () => {
  ApiId = await makeApi(plane);
  for (let at = 0; at < 26; at += 1) routeIds.push(await makeRoute(plane, ApiId, `route${at}`));
});

describe('Lists', () => {
  test('hold 25 items unless told, and every item exactly once over all pages', async () => {
    const first = await plane.aws.getRoutes({ ApiId });
    expect(first.Items).toHaveLength(25);
    const second = await plane.aws.getRoutes({ ApiId, NextToken: first.NextToken });
    expect(second.Items).toHaveLength(1);
    expect(second).not.toHaveProperty('NextToken');
    const ids = [...first.Items!, ...second.Items!].map((route) => route.RouteId!);
    expect(ids.sort()).toEqual([...routeIds].sort());
  });

  test('page by maxResults; the last page has no token even when it is full', async () => {
    const pages: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await plane.aws.getRoutes({ ApiId, MaxResults: '13', NextToken });
      pages.push(page.Items!.length);
      NextToken = page.NextToken;
    } while (NextToken);
    expect(pages).toEqual([13, 13]);
    expect((await plane.aws.getRoutes({ ApiId, MaxResults: '100000' })).Items).toHaveLength(26);
  });

  test('keep their place when entries come and go between pages', async () => {
    const other = await makeApi(plane);
    const ids = [];
    for (let at = 0; at < 6; at += 1) ids.push(await makeRoute(plane, other, `route${at}`));
    ids.sort();
    const first = await plane.aws.getRoutes({ ApiId: other, MaxResults: '3' });
    await plane.aws.deleteRoute({ ApiId: other, RouteId: first.Items![2]!.RouteId });
    await plane.aws.deleteRoute({ ApiId: other, RouteId: first.Items![0]!.RouteId });
    const second = await plane.aws.getRoutes({ ApiId: other, NextToken: first.NextToken });
    expect(second.Items!.map((route) => route.RouteId)).toEqual(ids.slice(3));
  });

  test('page APIs and deployments as well, straight from the store', async () => {
    await makeApi(plane);
    const apis = await plane.aws.getApis({ MaxResults: '1' });
    expect(apis.Items).toHaveLength(1);
    const rest = await plane.aws.getApis({ NextToken: apis.NextToken });
    expect(rest.Items!.map((api) => api.ApiId)).not.toContain(apis.Items![0]!.ApiId);

    const made = [];
    for (let at = 0; at < 3; at += 1) made.push(await plane.aws.createDeployment({ ApiId }));
    const first = await plane.aws.getDeployments({ ApiId, MaxResults: '2' });
    const second = await plane.aws.getDeployments({ ApiId, NextToken: first.NextToken });
    const seen = [...first.Items!, ...second.Items!].map((item) => item.DeploymentId);
    expect(seen.sort()).toEqual(made.map((item) => item.DeploymentId).sort());
    expect(second.NextToken).toBeUndefined();
  });

  test('are empty lists, not missing ones', async () => {
    const other = await makeApi(plane);
    const { text } = await plane.send('GET', `/v2/apis/${other}/stages`);
    expect(text).toBe('{"items":[]}');
  });

  test.each(['0', '-1', 'ten', '1.5', '1e2', ''])('refuse maxResults=%s', async (MaxResults) => {
    const { status, json } = await plane.send('GET', `/v2/apis?maxResults=${MaxResults}`);
    expect(status).toBe(400);
    expect(json.message).toBe('Invalid maxResults specified. Must be a number greater than 0');
  });

  test('refuse a token of another list, and garbage', async () => {
    const invalid = badRequest('Invalid nextToken specified');
    const { NextToken } = await plane.aws.getRoutes({ ApiId, MaxResults: '1' });
    const other = await makeApi(plane);
    expect(await refusal(plane.aws.getStages({ ApiId, NextToken }))).toEqual(invalid);
    expect(await refusal(plane.aws.getRoutes({ ApiId: other, NextToken }))).toEqual(invalid);
    expect(await refusal(plane.aws.getApis({ NextToken }))).toEqual(invalid);
    expect(await refusal(plane.aws.getApis({ NextToken: '!"§' }))).toEqual(invalid);
    const forged = Buffer.from(`api/\n${'x'.repeat(3000)}`).toString('base64url');
    expect(await refusal(plane.aws.getApis({ NextToken: forged }))).toEqual(invalid);
  });
});

describe('A page', () => {
  test('holds at most 500 items', async () => {
    const other = await makeApi(plane);
    await makeRoute(plane, other);
    const document = (await plane.store.get(`api/${other}`))!;
    const [deployment] = [await plane.aws.createDeployment({ ApiId: other })];
    const stored = (await plane.store.get(`deployment/${other}/${deployment.DeploymentId}`))!;
    const copies = Array.from({ length: 500 }, (_, at) => {
      const deploymentId = `d${String(at).padStart(5, '0')}`;
      const value = stored.value as { deployment: object };
      return {
        key: `deployment/${other}/${deploymentId}`,
        value: { ...value, deployment: { ...value.deployment, deploymentId } },
        expectedVersion: 0,
      };
    });
    expect(document).toBeDefined();
    expect(await plane.store.commit(copies)).toBe(true);
    const page = await plane.aws.getDeployments({ ApiId: other, MaxResults: '501' });
    expect(page.Items).toHaveLength(500);
    const last = await plane.aws.getDeployments({ ApiId: other, NextToken: page.NextToken });
    expect(last.Items).toHaveLength(1);
  });
});
