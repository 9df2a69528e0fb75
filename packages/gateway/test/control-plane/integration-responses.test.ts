import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi, makeIntegration } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
let IntegrationId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
  IntegrationId = await makeIntegration(plane, ApiId);
});

const create = (IntegrationResponseKey: string, change: object = {}) =>
  plane.aws.createIntegrationResponse({ ApiId, IntegrationId, IntegrationResponseKey, ...change });
const invalidKey =
  'Invalid integrationResponseKey specified. ' +
  'Must be $default or a regular expression between slashes';
const mappingErrors = (...errors: string[]) =>
  'Invalid mapping expression specified: Validation Result: warnings : [], ' +
  `errors : [${errors.join(', ')}]`;

describe('Integration responses', () => {
  test('are created, read, changed and deleted', async () => {
    const given = {
      IntegrationResponseKey: '/200/',
      ContentHandlingStrategy: 'CONVERT_TO_TEXT',
      ResponseParameters: {
        'route.response.header.a': "'static'",
        'route.response.header.b': 'integration.response.header.X-Request-Id',
        'route.response.header.c': 'integration.response.multivalueheader.accept',
        'route.response.header.d': 'integration.response.body.items[0].id',
        'route.response.header.e': 'integration.response.body',
        'route.response.header.f': 'stageVariables.zone',
        'route.response.header.g': 'context.connectionId',
      },
      ResponseTemplates: { $default: '{"ok":true}', '\\d+': '' },
      TemplateSelectionExpression: '$integration.response.body.kind',
    } as const;
    const { $metadata, ...created } = await create('/200/', given);
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({
      ...given,
      IntegrationResponseId: expect.stringMatching(/^[a-z0-9]{7}$/),
    });
    const one = { ApiId, IntegrationId, IntegrationResponseId: created.IntegrationResponseId };
    expect(await plane.aws.getIntegrationResponse(one)).toMatchObject(created);
    const changed = await plane.aws.updateIntegrationResponse({
      ...one,
      ContentHandlingStrategy: '' as never,
      ResponseTemplates: { $default: '', other: '{}' },
      ResponseParameters: Object.fromEntries(
        [...'abcdef'].map((name) => [`route.response.header.${name}`, '']),
      ),
      TemplateSelectionExpression: '',
    });
    expect(changed.ResponseTemplates).toEqual({ $default: '', '\\d+': '', other: '{}' });
    const { $metadata: _, ...after } = await plane.aws.getIntegrationResponse(one);
    expect(after).toEqual({
      IntegrationResponseId: one.IntegrationResponseId,
      IntegrationResponseKey: '/200/',
      ResponseParameters: { 'route.response.header.g': 'context.connectionId' },
      ResponseTemplates: { $default: '', '\\d+': '', other: '{}' },
    });
    expect((await plane.aws.deleteIntegrationResponse(one)).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(plane.aws.deleteIntegrationResponse(one))).toEqual(
      notFound(
        'IntegrationResponse',
        `Invalid IntegrationResponse identifier specified ${one.IntegrationResponseId}`,
      ),
    );
  });

  test('move from key to key, as Terraform moves them', async () => {
    const { IntegrationResponseId } = await create('/500/');
    for (const IntegrationResponseKey of ['$default', '/404/', '/4\\d\\d/', '/a|b/']) {
      const change = { ApiId, IntegrationId, IntegrationResponseId, IntegrationResponseKey };
      expect(await plane.aws.updateIntegrationResponse(change)).toMatchObject({
        IntegrationResponseKey,
      });
    }
  });

  test('belong to one integration only', async () => {
    const other = await makeIntegration(plane, ApiId);
    const { IntegrationResponseId } = await create('/mine/');
    const theirs = { ApiId, IntegrationId: other };
    expect((await plane.aws.getIntegrationResponses(theirs)).Items).toEqual([]);
    expect(
      await refusal(plane.aws.getIntegrationResponse({ ...theirs, IntegrationResponseId })),
    ).toMatchObject({ status: 404, resourceType: 'IntegrationResponse' });
    await plane.aws.createIntegrationResponse({ ...theirs, IntegrationResponseKey: '/mine/' });
  });

  test('answer 409 for a key that is taken', async () => {
    await create('/twice/');
    const taken = conflict(
      'Integration Response with key /twice/ already exists for this Integration',
    );
    expect(await refusal(create('/twice/'))).toEqual(taken);
    const { IntegrationResponseId } = await create('/once/');
    const change = { ApiId, IntegrationId, IntegrationResponseId };
    expect(
      await refusal(
        plane.aws.updateIntegrationResponse({ ...change, IntegrationResponseKey: '/twice/' }),
      ),
    ).toEqual(taken);
    await plane.aws.updateIntegrationResponse({ ...change, IntegrationResponseKey: '/once/' });
  });

  test.each([
    ['no key', { IntegrationResponseKey: undefined }, 'Integration response key is required'],
    ['an empty key', { IntegrationResponseKey: '' }, invalidKey],
    ['a word for a key', { IntegrationResponseKey: '200' }, invalidKey],
    ['another key of ours', { IntegrationResponseKey: '$connect' }, invalidKey],
    ['an empty expression', { IntegrationResponseKey: '//' }, invalidKey],
    ['a broken expression', { IntegrationResponseKey: '/(/' }, invalidKey],
    ['a key of 2049 characters', { IntegrationResponseKey: `/${'k'.repeat(2047)}/` }, invalidKey],
    [
      'an unknown strategy',
      { ContentHandlingStrategy: 'CONVERT' },
      'Invalid contentHandlingStrategy specified. ' +
        'Must be one of [CONVERT_TO_BINARY, CONVERT_TO_TEXT]',
    ],
    [
      'a template of 32769 characters',
      { ResponseTemplates: { $default: 't'.repeat(32_769) } },
      'Invalid responseTemplates.$default specified. Must be 0 to 32768 characters long',
    ],
    [
      'a mapping from the request',
      { ResponseParameters: { 'route.response.header.a': 'route.request.header.a' } },
      mappingErrors('Invalid mapping expression specified: route.request.header.a'),
    ],
    [
      'a mapping from a path that is none',
      { ResponseParameters: { 'route.response.header.a': 'integration.response.body.a[' } },
      mappingErrors('Invalid mapping expression specified: integration.response.body.a['),
    ],
    [
      'a mapping to the body',
      { ResponseParameters: { 'route.response.body': "'x'" } },
      mappingErrors('Invalid mapping expression parameter specified: route.response.body'),
    ],
    [
      'a mapping of 513 characters',
      { ResponseParameters: { 'route.response.header.a': `'${'v'.repeat(511)}'` } },
      'Invalid responseParameters.route.response.header.a specified. ' +
        'Must be 1 to 512 characters long',
    ],
  ])('with %s answer 400', async (_, change, message) => {
    expect(await refusal(create('/refused/', change))).toEqual(badRequest(message));
  });

  test('take key, template and mapping at their limits', async () => {
    const given = {
      ResponseTemplates: { $default: 't'.repeat(32_768) },
      ResponseParameters: { 'route.response.header.a': `'${'v'.repeat(510)}'` },
    };
    expect(await create(`/${'k'.repeat(2046)}/`, given)).toMatchObject(given);
  });

  test('of an unknown integration answer 404', async () => {
    const of = { ApiId, IntegrationId: 'nosuch0' };
    const unknown = notFound('Integration', 'Invalid Integration identifier specified nosuch0');
    expect(await refusal(plane.aws.getIntegrationResponses(of))).toEqual(unknown);
    const IntegrationResponseKey = '$default';
    expect(
      await refusal(plane.aws.createIntegrationResponse({ ...of, IntegrationResponseKey })),
    ).toEqual(unknown);
  });

  test('go with their integration, and only with theirs', async () => {
    const api = { ApiId: await makeApi(plane) };
    const [first, second] = [
      await makeIntegration(plane, api.ApiId),
      await makeIntegration(plane, api.ApiId),
    ];
    for (const id of [first, second]) {
      const of = { ...api, IntegrationId: id };
      await plane.aws.createIntegrationResponse({ ...of, IntegrationResponseKey: '$default' });
    }
    await plane.aws.deleteIntegration({ ...api, IntegrationId: first });
    const stored = (await plane.store.get(`api/${api.ApiId}`))!.value as {
      integrationResponses: Record<string, { integrationId: string }>;
    };
    expect(Object.values(stored.integrationResponses)).toEqual([
      expect.objectContaining({ integrationId: second }),
    ]);
  });
});
