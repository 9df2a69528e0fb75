import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi, makeRoute } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

const onlyDefault = 'Currently, only $default is supported as a RouteResponseKey.';

describe('Route responses', () => {
  test('are created, read, changed and deleted', async () => {
    const RouteId = await makeRoute(plane, ApiId, 'life');
    const { $metadata, ...created } = await plane.aws.createRouteResponse({
      ApiId,
      RouteId,
      RouteResponseKey: '$default',
      ModelSelectionExpression: '$default',
      ResponseModels: { $default: 'Reply', other: 'Other' },
      ResponseParameters: { 'route.response.header.X': { Required: true } },
    });
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({
      RouteResponseId: expect.stringMatching(/^[a-z0-9]{6}$/),
      RouteResponseKey: '$default',
      ModelSelectionExpression: '$default',
      ResponseModels: { $default: 'Reply', other: 'Other' },
      ResponseParameters: { 'route.response.header.X': { Required: true } },
    });
    const one = { ApiId, RouteId, RouteResponseId: created.RouteResponseId };
    expect(await plane.aws.getRouteResponse(one)).toMatchObject(created);
    await plane.aws.updateRouteResponse({
      ...one,
      ModelSelectionExpression: '',
      ResponseModels: { other: '', more: 'More' },
    });
    const changed = await plane.aws.getRouteResponse(one);
    expect(changed.ModelSelectionExpression).toBeUndefined();
    expect(changed.ResponseModels).toEqual({ $default: 'Reply', more: 'More' });
    expect((await plane.aws.deleteRouteResponse(one)).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(plane.aws.deleteRouteResponse(one))).toEqual(
      notFound(
        'RouteResponse',
        `Invalid RouteResponse identifier specified ${one.RouteResponseId}`,
      ),
    );
  });

  test('belong to one route only', async () => {
    const RouteId = await makeRoute(plane, ApiId, 'mine');
    const other = await makeRoute(plane, ApiId, 'theirs');
    const { RouteResponseId } = await plane.aws.createRouteResponse({
      ApiId,
      RouteId,
      RouteResponseKey: '$default',
    });
    const mine = await plane.aws.getRouteResponses({ ApiId, RouteId });
    expect(mine.Items).toEqual([{ RouteResponseId, RouteResponseKey: '$default' }]);
    expect((await plane.aws.getRouteResponses({ ApiId, RouteId: other })).Items).toEqual([]);
    expect(
      await refusal(plane.aws.getRouteResponse({ ApiId, RouteId: other, RouteResponseId })),
    ).toMatchObject({ status: 404, resourceType: 'RouteResponse' });
  });

  test('a second $default for a route answers 409', async () => {
    const RouteId = await makeRoute(plane, ApiId, 'single');
    const create = () =>
      plane.aws.createRouteResponse({ ApiId, RouteId, RouteResponseKey: '$default' });
    await create();
    expect(await refusal(create())).toEqual(
      conflict('Route Response with key $default already exists for this Route'),
    );
  });

  test.each([
    ['no key', { RouteResponseKey: undefined }, onlyDefault],
    ['another key', { RouteResponseKey: '/2../' }, onlyDefault],
    [
      'a parameter that is no header',
      { ResponseParameters: { 'route.response.body': { Required: true } } },
      'Invalid mapping expression specified: Validation Result: warnings : [], errors : ' +
        '[Invalid mapping expression parameter specified: route.response.body]',
    ],
  ])('with %s answer 400', async (_, change, message) => {
    const RouteId = await makeRoute(plane, ApiId, `refused ${_}`);
    const input = { ApiId, RouteId, RouteResponseKey: '$default', ...change };
    expect(await refusal(plane.aws.createRouteResponse(input as never))).toEqual(
      badRequest(message),
    );
  });

  test('of an unknown route answer 404', async () => {
    const RouteId = 'nosuch0';
    const unknown = notFound('Route', 'Invalid Route identifier specified nosuch0');
    expect(await refusal(plane.aws.getRouteResponses({ ApiId, RouteId }))).toEqual(unknown);
    expect(
      await refusal(plane.aws.createRouteResponse({ ApiId, RouteId, RouteResponseKey: 'x' })),
    ).toEqual(unknown);
  });
});
