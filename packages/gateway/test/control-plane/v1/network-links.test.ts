import { describe, expect, test } from 'vitest';
import { startControlPlane, useControlPlane } from '../support/start-control-plane.ts';
import { badRequest, limitExceeded, notFound, outcome, patch, replace } from '../support/v1.ts';

const plane = useControlPlane();
const balancer =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/mine/50dc6c495c0c9188';
const create = (change: object = {}) =>
  plane.send('POST', '/vpclinks', { name: 'link', targetArns: [balancer], ...change });
const unknown = notFound('Invalid Vpc Link identifier specified');
const oneTarget = 'Invalid targetArns specified. Must name exactly one network load balancer';

describe('VPC links to load balancers', () => {
  test('are created, read, changed and deleted, apart from those of v2', async () => {
    const { status, json } = await create({ description: 'd', tags: { a: 'b' } });
    expect(status).toBe(202);
    expect(json).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{6}$/),
      name: 'link',
      description: 'd',
      targetArns: [balancer],
      status: 'AVAILABLE',
      statusMessage: 'Your vpc link is ready for use',
      tags: { a: 'b' },
    });
    const one = `/vpclinks/${json.id}`;
    expect((await plane.send('GET', one)).json).toEqual(json);
    expect((await plane.send('GET', '/vpclinks')).json).toEqual({ item: [json] });
    expect((await plane.send('GET', `/v2${one}`)).status).toBe(404);
    const changed = await patch(plane, one, replace('/name', 'new'), replace('/description', ''));
    expect(changed.json).toMatchObject({ name: 'new' });
    expect(changed.json).not.toHaveProperty('description');
    expect((await patch(plane, one)).json).toEqual(changed.json);
    expect((await plane.send('DELETE', one)).status).toBe(202);
    expect(outcome(await plane.send('GET', one))).toEqual(unknown);
    expect(outcome(await plane.send('DELETE', one))).toEqual(unknown);
  });

  test.each([
    [{ name: undefined }, 'VPC link name is required'],
    [{ name: '' }, 'Invalid name specified. Must be 1 to 128 characters long'],
    [{ name: 'n'.repeat(129) }, 'Invalid name specified. Must be 1 to 128 characters long'],
    [{ targetArns: undefined }, oneTarget],
    [{ targetArns: [] }, oneTarget],
    [{ targetArns: [balancer, balancer] }, oneTarget],
    [{ targetArns: [balancer.replace('/net/', '/app/')] }, oneTarget],
  ])('are refused with %.60j', async (change, message) => {
    expect(outcome(await create(change))).toEqual(badRequest(message));
  });

  test('are at most 300 to an account', async () => {
    const other = await startControlPlane();
    const changes = Array.from({ length: 299 }, (_, at) => ({
      key: `networklink/copy${at}`,
      value: {},
      expectedVersion: 0,
    }));
    await other.store.commit(changes);
    const made = () => other.send('POST', '/vpclinks', { name: 'x', targetArns: [balancer] });
    expect((await made()).status).toBe(202);
    expect(outcome(await made())).toEqual(limitExceeded('VPC Links', 'account'));
    await other.close();
  });
});
