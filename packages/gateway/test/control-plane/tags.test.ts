import { beforeEach, describe, expect, test } from 'vitest';
import { makeApi } from './support/make.ts';
import { badRequest, notFound, quotaReached, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
let api: string;
let stage: string;
beforeEach(async () => {
  ApiId = await makeApi(plane);
  await plane.aws.createStage({ ApiId, StageName: 'prod', Tags: { a: '1' } });
  api = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
  stage = `${api}/stages/prod`;
});

const tagsOf = async (ResourceArn: string) => (await plane.aws.getTags({ ResourceArn })).Tags;
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, 'value']));

describe('Tags', () => {
  test('of an API are added, merged, shown with it and removed', async () => {
    const first = await plane.aws.tagResource({ ResourceArn: api, Tags: { a: '1', b: '2' } });
    expect(first.$metadata.httpStatusCode).toBe(201);
    await plane.aws.tagResource({ ResourceArn: api, Tags: { b: '', 'x y': 'ä 中' } });
    const tags = { a: '1', b: '', 'x y': 'ä 中' };
    expect(await tagsOf(api)).toEqual(tags);
    expect((await plane.aws.getApi({ ApiId })).Tags).toEqual(tags);
    const removed = await plane.aws.untagResource({
      ResourceArn: api,
      TagKeys: ['a', 'x y', 'unknown'],
    });
    expect(removed.$metadata.httpStatusCode).toBe(204);
    expect(await tagsOf(api)).toEqual({ b: '' });
  });

  test('of a stage are its own, and date it', async () => {
    plane.clock.move(5000);
    await plane.aws.tagResource({ ResourceArn: stage, Tags: { b: '2' } });
    expect(await tagsOf(stage)).toEqual({ a: '1', b: '2' });
    expect(await tagsOf(api)).toEqual({});
    const after = await plane.aws.getStage({ ApiId, StageName: 'prod' });
    expect(after.Tags).toEqual({ a: '1', b: '2' });
    expect(after.LastUpdatedDate!.getTime()).toBe(after.CreatedDate!.getTime() + 5000);
  });

  test('go with the stage', async () => {
    await plane.aws.deleteStage({ ApiId, StageName: 'prod' });
    await plane.aws.createStage({ ApiId, StageName: 'prod' });
    expect(await tagsOf(stage)).toEqual({});
  });

  test('fill up at fifty, counting those that are there', async () => {
    await plane.aws.tagResource({ ResourceArn: stage, Tags: many(49) });
    expect(Object.keys((await tagsOf(stage))!)).toHaveLength(50);
    const more = plane.aws.tagResource({ ResourceArn: stage, Tags: { more: 'x' } });
    expect(await refusal(more)).toEqual(quotaReached('Tags', 'resource'));
    await plane.aws.tagResource({ ResourceArn: stage, Tags: { a: 'replaced' } });
  });

  const keyRule =
    'Must be 1 to 128 letters, digits, spaces and _.:/=+-@, and must not start with aws:';
  test.each([
    [{ 'a!': 'x' }, `Invalid tag key: a!. ${keyRule}`],
    [{ '': 'x' }, `Invalid tag key: . ${keyRule}`],
    [{ 'aws:x': 'x' }, `Invalid tag key: aws:x. ${keyRule}`],
    [{ ['k'.repeat(129)]: 'x' }, `Invalid tag key: ${'k'.repeat(129)}. ${keyRule}`],
    [{ a: 'v'.repeat(257) }, 'Invalid tag value of key a. Must be at most 256 characters long'],
  ])('with a bad key or value are refused: %.30j', async (Tags, message) => {
    const call = plane.aws.tagResource({ ResourceArn: api, Tags: Tags as Record<string, string> });
    expect(await refusal(call)).toEqual(badRequest(message));
  });

  test('take key and value at their longest', async () => {
    const tags = { ['k'.repeat(128)]: 'v'.repeat(256) };
    await plane.aws.tagResource({ ResourceArn: api, Tags: tags });
    expect(await tagsOf(api)).toEqual(tags);
  });

  test.each([
    'arn:aws:execute-api:us-east-1::/apis/abc',
    'arn:gcp:apigateway:us-east-1::/apis/abc',
    'arn:aws:apigateway:nowhere::/apis/abc',
    'arn:aws:apigateway:us-east-1:123456789012:/apis/abc',
    'arn:aws:apigateway:us-east-1::/apis/abc/routes/x',
    'arn:aws:apigateway:us-east-1::/things/abc',
    'abc',
  ])('of %s answer 400', async (ResourceArn) => {
    expect(await refusal(plane.aws.getTags({ ResourceArn }))).toEqual(
      badRequest('Invalid resource ARN specified'),
    );
  });

  test('of what does not exist answer 404', async () => {
    const arn = 'arn:aws:apigateway:us-east-1::';
    const Tags = { a: 'b' };
    expect(
      await refusal(plane.aws.tagResource({ ResourceArn: `${arn}/apis/nosuchapi0`, Tags })),
    ).toEqual(notFound('Api', 'Invalid API identifier specified 123456789012:nosuchapi0'));
    expect(
      await refusal(plane.aws.tagResource({ ResourceArn: `${api}/stages/nowhere`, Tags })),
    ).toEqual(notFound('Stage', 'Invalid stage identifier specified'));
    expect(
      await refusal(plane.aws.getTags({ ResourceArn: `${arn}/domainnames/ws.example.com` })),
    ).toEqual(notFound('DomainName', 'Invalid domain name identifier specified'));
    expect(await refusal(plane.aws.getTags({ ResourceArn: `${arn}/vpclinks/abc` }))).toEqual(
      notFound('VpcLink', 'Invalid VpcLink identifier specified abc'),
    );
  });

  test('need something to add or to remove', async () => {
    const path = `/v2/tags/${encodeURIComponent(api)}`;
    expect((await plane.send('POST', path, {})).json.message).toBe(
      'Invalid tags specified. Must be a map',
    );
    expect((await plane.send('DELETE', path)).json.message).toBe(
      'Invalid tagKeys specified. Must name at least one key',
    );
  });
});
