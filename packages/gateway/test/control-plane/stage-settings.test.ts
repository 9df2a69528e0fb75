import { beforeEach, describe, expect, test } from 'vitest';
import type { ExtensionRow } from '../../src/resources/extension-row.ts';
import { extensionNames, stageExtensions } from '../../src/resources/stage-extensions.ts';
import { makeApi } from './support/make.ts';
import { badRequest, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const lenientPlane = useControlPlane({ lenient: true });
let ApiId: string;
let path: string;
let stage: string;
beforeEach(async () => {
  ApiId = await makeApi(plane);
  path = `/v2/apis/${ApiId}/stages`;
  stage = `arn:aws:apigateway:us-east-1::/apis/${ApiId}/stages/prod`;
});

const create = (tags: Record<string, string>) =>
  plane.send('POST', path, { stageName: 'prod', tags });

describe('Settings of our own, as tags of a stage', () => {
  test('show under x-postern what differs from AWS, in every answer about the stage', async () => {
    const created = await create({
      'postern:idleTimeoutSeconds': '0',
      'postern:binaryFrames': 'true',
      'postern:source': 'file',
    });
    const expected = {
      idleTimeoutSeconds: 0,
      binaryFrames: true,
      differsFromAws: ['idleTimeoutSeconds', 'binaryFrames'],
    };
    expect(created.status).toBe(201);
    expect(created.json['x-postern']).toEqual(expected);
    expect((await plane.send('GET', `${path}/prod`)).json['x-postern']).toEqual(expected);
    expect((await plane.send('GET', path)).json.items[0]['x-postern']).toEqual(expected);
    for (const change of [{}, { description: 'changed' }, { description: '' }]) {
      const updated = await plane.send('PATCH', `${path}/prod`, change);
      expect(updated.json['x-postern']).toEqual(expected);
    }
    expect((await plane.aws.getStage({ ApiId, StageName: 'prod' })).StageName).toBe('prod');
  });

  test('show nothing where the stage behaves as on AWS', async () => {
    const created = await create({ a: 'b', 'postern:idleTimeoutSeconds': '600' });
    expect(created.json).not.toHaveProperty('x-postern');
    expect((await plane.send('GET', `${path}/prod`)).json).not.toHaveProperty('x-postern');
  });

  test('are written and removed by TagResource and UntagResource', async () => {
    await create({});
    const Tags = { 'postern:orderedMessages': 'true', 'postern:pingIntervalSeconds': '30' };
    await plane.aws.tagResource({ ResourceArn: stage, Tags });
    const shown = async () => (await plane.send('GET', `${path}/prod`)).json['x-postern'];
    expect(await shown()).toMatchObject({ orderedMessages: true, pingIntervalSeconds: 30 });
    const TagKeys = ['postern:orderedMessages'];
    await plane.aws.untagResource({ ResourceArn: stage, TagKeys });
    expect(await shown()).toEqual({
      pingIntervalSeconds: 30,
      differsFromAws: ['pingIntervalSeconds'],
    });
  });

  const numbers = extensionNames.flatMap((name) => {
    const row: ExtensionRow = stageExtensions[name];
    return row.kind === 'number' ? [[name, row.min, row.max, row.unit] as const] : [];
  });

  test.each(numbers)('%s takes %i to %i %s, and not one more or less', async (name, min, max) => {
    await create({});
    const tag = (value: string) =>
      plane.aws.tagResource({ ResourceArn: stage, Tags: { [`postern:${name}`]: value } });
    await tag(String(min));
    await tag(String(max));
    for (const value of [String(min - 1), String(max + 1), '', '1.5', '1e3', ' 5', 'true']) {
      const { unit } = stageExtensions[name] as { unit: string };
      expect(await refusal(tag(value))).toEqual(
        badRequest(
          `Invalid tag value of key postern:${name}. ` +
            `Must be a whole number of ${unit} from ${min} to ${max}`,
        ),
      );
    }
    const stored = (await plane.aws.getTags({ ResourceArn: stage })).Tags;
    expect(stored).toEqual({ [`postern:${name}`]: String(max) });
  });

  test.each(['yes', 'TRUE', '1', ''])('a switch takes true or false, not "%s"', async (value) => {
    const refused = await create({ 'postern:binaryFrames': value });
    expect(refused.status).toBe(400);
    expect(refused.json.message).toBe(
      'Invalid tag value of key postern:binaryFrames. Must be true or false',
    );
  });

  test('a tag that is no setting is refused, naming those there are, in lenient mode too', async () => {
    const message =
      'Invalid tag key: postern:idleTimeout. Tags of a stage that start with postern: are its ' +
      `settings: ${extensionNames.join(', ')}`;
    const Tags = { 'postern:idleTimeout': '0' };
    const refused = plane.aws.createStage({ ApiId, StageName: 'prod', Tags });
    expect(await refusal(refused)).toEqual(badRequest(message));
    await create({});
    const tagged = plane.aws.tagResource({ ResourceArn: stage, Tags });
    expect(await refusal(tagged)).toEqual(badRequest(message));
    const lenient = await makeApi(lenientPlane);
    expect(
      await refusal(lenientPlane.aws.createStage({ ApiId: lenient, StageName: 'prod', Tags })),
    ).toEqual(badRequest(message));
  });

  test('__proto__ and its like name no setting', async () => {
    for (const key of ['postern:__proto__', 'postern:constructor', 'postern:']) {
      expect((await create({ [key]: '1' })).status).toBe(400);
    }
  });

  test('on an API they are tags like any other', async () => {
    const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
    const Tags = { 'postern:team': 'chat' };
    await plane.aws.tagResource({ ResourceArn, Tags });
    expect((await plane.aws.getTags({ ResourceArn })).Tags).toEqual(Tags);
  });
});
