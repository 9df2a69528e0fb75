import { describe, expect, test } from 'vitest';
import { useControlPlane } from './support/start-control-plane.ts';
import { apply, base, integrationOf, routeOf, Terraform, update } from './support/terraform.ts';
import { apiResources } from './support/terraform-resources.ts';
import { routeResources } from './support/terraform-route-resources.ts';
import { stageResources } from './support/terraform-stage-resources.ts';

/** The requests of Terraform's AWS provider, one by one, and what it must read after each. */
const plane = useControlPlane();
const terraform = new Terraform(plane);
const resources = [...apiResources, ...routeResources, ...stageResources];

describe.each(resources)('$type', (resource) => {
  test('created and read shows no difference; every update shows no other', async () => {
    let applied = await apply(terraform, resource);
    for (const change of resource.updates) {
      applied = await update(terraform, applied, change);
    }
    await terraform.call('DELETE', applied.one, resource.deleted ?? 204);
    await isGone(applied.one);
  });

  test('imported is what was created', async () => {
    const { one, state } = await apply(terraform, resource);
    expect(await terraform.read(one)).toEqual(state);
    await terraform.call('DELETE', one, resource.deleted ?? 204);
  });

  test('disappeared is read as missing, and deleting it again does no harm', async () => {
    const { one, ids } = await apply(terraform, resource);
    await terraform.call('DELETE', one, resource.deleted ?? 204);
    await isGone(one);
    await terraform.call('DELETE', one, 404);
    await terraform.call('DELETE', `/v2/apis/${ids.api}`, 204);
    await isGone(one);
  });
});

describe('A whole configuration', () => {
  const newApi = {
    name: 'chat',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.action',
  };

  test('changes tags by ARN: those that went, then those that came', async () => {
    const { apiId } = await terraform.create('/v2/apis', { ...newApi, tags: { a: '1', b: '2' } });
    const arn = encodeURIComponent(`arn:aws:apigateway:us-east-1::/apis/${apiId}`);
    await terraform.call('DELETE', `/v2/tags/${arn}?tagKeys=a&tagKeys=none`, 204);
    await terraform.call('POST', `/v2/tags/${arn}`, 201, { tags: { b: 'new', c: '3' } });
    const tags = { b: 'new', c: '3' };
    expect(await terraform.read(`/v2/apis/${apiId}`)).toMatchObject({ tags });
    expect(await terraform.read(`/v2/tags/${arn}`)).toEqual({ tags });
  });

  test('replaces a deployment: the new one, the stage, then the old one', async () => {
    const ids = { api: String((await terraform.create('/v2/apis', newApi)).apiId) };
    await routeOf(terraform, ids, '$default');
    const deployments = `${base(ids)}/deployments`;
    const old = await terraform.create(deployments, {});
    const stage = { autoDeploy: false, deploymentId: old.deploymentId, stageName: 'test' };
    await terraform.create(`${base(ids)}/stages`, stage);
    const { deploymentId } = await terraform.create(deployments, {});
    await terraform.call('PATCH', `${base(ids)}/stages/test`, 200, { deploymentId });
    await terraform.call('DELETE', `${deployments}/${old.deploymentId}`, 204);
    expect(await terraform.read(`${base(ids)}/stages/test`)).toMatchObject({ deploymentId });
  });

  test('goes dependants first; an integration still in use is a conflict', async () => {
    const ids = { api: String((await terraform.create('/v2/apis', newApi)).apiId) };
    const integration = `${base(ids)}/integrations/${await integrationOf(terraform, ids)}`;
    const route = `${base(ids)}/routes/${await routeOf(terraform, ids, '$default')}`;
    const target = `integrations/${integration.split('/').at(-1)}`;
    await terraform.call('PATCH', route, 200, { target });
    await terraform.call('DELETE', integration, 409);
    for (const path of [route, integration, base(ids)]) await terraform.call('DELETE', path, 204);
    for (const path of [route, integration, base(ids)]) await isGone(path);
  });

  test('whose API disappeared reads every child as missing, and deletes none with an error', async () => {
    const children = resources.filter(
      ({ type }) => !/_(api|domain_name|api_mapping|vpc_link)$/.test(type),
    );
    for (const child of children) {
      const { one, ids } = await apply(terraform, child);
      await terraform.call('DELETE', base(ids), 204);
      await isGone(one);
      await terraform.call('DELETE', one, 404);
    }
  });
});

/** The provider takes this answer, and no other, for a resource that is no longer there. */
async function isGone(path: string): Promise<void> {
  const { headers } = await terraform.call('GET', path, 404);
  expect(headers.get('x-amzn-errortype')).toBe('NotFoundException');
}
