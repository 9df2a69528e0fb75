import { describe, expect, test } from 'vitest';
import { badRequest, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const create = (change: object = {}) =>
  plane.aws.createVpcLink({ Name: 'link', SubnetIds: ['subnet-1'], ...change });
const invalidName = 'Invalid VPC link name specified. Must be 1 to 128 characters long';

describe('VPC links', () => {
  test('are created, read, changed and deleted', async () => {
    const { $metadata, ...created } = await create({
      SecurityGroupIds: ['sg-1', 'sg-2'],
      Tags: { a: 'b' },
    });
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({
      CreatedDate: new Date('2026-01-02T03:04:05Z'),
      Name: 'link',
      SecurityGroupIds: ['sg-1', 'sg-2'],
      SubnetIds: ['subnet-1'],
      Tags: { a: 'b' },
      VpcLinkId: expect.stringMatching(/^[a-z0-9]{6}$/),
      VpcLinkStatus: 'AVAILABLE',
      VpcLinkStatusMessage: 'VPC link is ready to route traffic',
      VpcLinkVersion: 'V2',
    });
    const { VpcLinkId } = created;
    expect(await plane.aws.getVpcLink({ VpcLinkId })).toMatchObject(created);
    expect(await plane.aws.updateVpcLink({ VpcLinkId, Name: 'n'.repeat(128) })).toMatchObject({
      ...created,
      Name: 'n'.repeat(128),
    });
    expect(await plane.aws.updateVpcLink({ VpcLinkId })).toMatchObject({ Name: 'n'.repeat(128) });
    const { Items } = await plane.aws.getVpcLinks({});
    expect(Items!.map((link) => link.VpcLinkId)).toEqual([VpcLinkId]);
    const removed = await plane.send('DELETE', `/v2/vpclinks/${VpcLinkId}`);
    expect([removed.status, removed.text]).toEqual([202, '{}']);
    const unknown = notFound('VpcLink', `Invalid VpcLink identifier specified ${VpcLinkId}`);
    expect(await refusal(plane.aws.getVpcLink({ VpcLinkId }))).toEqual(unknown);
    expect(await refusal(plane.aws.deleteVpcLink({ VpcLinkId }))).toEqual(unknown);
  });

  test('keep subnets and security groups as they were created', async () => {
    const { VpcLinkId } = await create();
    const path = `/v2/vpclinks/${VpcLinkId}`;
    const { json } = await plane.send('PATCH', path, { subnetIds: ['other'], name: 'new' });
    expect(json).toMatchObject({ name: 'new', subnetIds: ['subnet-1'], securityGroupIds: [] });
  });

  test.each([
    ['no name', { Name: undefined }, invalidName],
    ['an empty name', { Name: '' }, invalidName],
    ['a name of 129 characters', { Name: 'n'.repeat(129) }, invalidName],
    ['no subnets', { SubnetIds: undefined }, 'SubnetIds for a vpc link cannot be empty'],
    ['an empty list of subnets', { SubnetIds: [] }, 'SubnetIds for a vpc link cannot be empty'],
  ])('with %s answer 400', async (_, change, message) => {
    expect(await refusal(create(change))).toEqual(badRequest(message));
  });

  test('are not for WebSocket APIs, which take those of the v1 API', async () => {
    const { VpcLinkId } = await create();
    const { ApiId } = await plane.aws.createApi({
      Name: 'chat',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    });
    const connect = (ConnectionId: string) =>
      plane.aws.createIntegration({
        ApiId,
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'POST',
        IntegrationUri: 'http://internal.example/',
        ConnectionType: 'VPC_LINK',
        ConnectionId,
      });
    const sentence =
      `VPC link ${VpcLinkId} is for APIs with a protocol type of HTTP. ` +
      'ConnectionId must be the id of a VPC link of apigateway, to a Network Load Balancer';
    expect(await refusal(connect(VpcLinkId!))).toEqual(badRequest(sentence));
    const { json: link } = await plane.send('POST', '/vpclinks', {
      name: 'link',
      targetArns: ['arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/1'],
    });
    const { IntegrationId } = await connect(link.id);
    const update = plane.aws.updateIntegration({ ApiId, IntegrationId, ConnectionId: VpcLinkId });
    expect(await refusal(update)).toEqual(badRequest(sentence));
    expect(await connect('${stageVariables.link}')).toMatchObject({ ConnectionType: 'VPC_LINK' });
  });

  test('have tags', async () => {
    const { VpcLinkId } = await create();
    const ResourceArn = `arn:aws:apigateway:us-east-1::/vpclinks/${VpcLinkId}`;
    await plane.aws.tagResource({ ResourceArn, Tags: { a: '1', b: '2' } });
    await plane.aws.untagResource({ ResourceArn, TagKeys: ['a'] });
    expect((await plane.aws.getTags({ ResourceArn })).Tags).toEqual({ b: '2' });
    expect((await plane.aws.getVpcLink({ VpcLinkId })).Tags).toEqual({ b: '2' });
  });
});
