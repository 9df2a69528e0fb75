import { beforeEach, describe, expect, test } from 'vitest';
import { makeApi, makeCertificate, makeRoute } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const StageName = 'prod';
let ApiId: string;
// An API has room for ten stages, so every test has its own.
beforeEach(async () => {
  ApiId = await makeApi(plane);
});

const AccessLogSettings = {
  DestinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/ws-1_a.b',
  Format: '$context.requestId',
};

describe('CreateStage', () => {
  test('answers exactly the fields AWS answers for a minimal stage', async () => {
    const { $metadata, ...stage } = await plane.aws.createStage({ ApiId, StageName });
    expect($metadata.httpStatusCode).toBe(201);
    expect(stage).toEqual({
      CreatedDate: new Date('2026-01-02T03:04:05Z'),
      DefaultRouteSettings: {
        DataTraceEnabled: false,
        DetailedMetricsEnabled: false,
        LoggingLevel: 'OFF',
      },
      LastUpdatedDate: new Date('2026-01-02T03:04:05Z'),
      RouteSettings: {},
      StageName,
      StageVariables: {},
      Tags: {},
    });
  });

  test('keeps every field that is given', async () => {
    await makeRoute(plane, ApiId, 'join');
    const { DeploymentId } = await plane.aws.createDeployment({ ApiId });
    const given = {
      StageName: 'all-of_it',
      AccessLogSettings,
      AutoDeploy: false,
      ClientCertificateId: await makeCertificate(plane),
      DefaultRouteSettings: { LoggingLevel: 'INFO', ThrottlingBurstLimit: 5 },
      DeploymentId: DeploymentId!,
      Description: 'production',
      RouteSettings: { join: { ThrottlingRateLimit: 0.5 } },
      StageVariables: { host: 'api.example.com:8080/a?b=c&d, e' },
      Tags: { team: 'realtime' },
    } as const;
    await plane.aws.createStage({ ApiId, ...given });
    const stage = await plane.aws.getStage({ ApiId, StageName: 'all-of_it' });
    expect(stage).toMatchObject(given);
    expect(stage.DefaultRouteSettings).toEqual({
      DataTraceEnabled: false,
      DetailedMetricsEnabled: false,
      LoggingLevel: 'INFO',
      ThrottlingBurstLimit: 5,
    });
  });

  test.each(['1', 'a-b_C', '__proto__', 'constructor', 's'.repeat(128)])(
    'takes the stage name %s',
    async (name) => {
      await plane.aws.createStage({ ApiId, StageName: name });
      expect(await plane.aws.getStage({ ApiId, StageName: name })).toMatchObject({
        StageName: name,
      });
      const { Items } = await plane.aws.getStages({ ApiId });
      expect(Items!.map((stage) => stage.StageName)).toEqual([name]);
      await plane.aws.deleteStage({ ApiId, StageName: name });
      expect((await plane.aws.getStages({ ApiId })).Items).toEqual([]);
    },
  );

  test.each([
    ['no name', { StageName: undefined }, 'Stage name is required'],
    ['an empty name', { StageName: '' }, 'Stage name is required'],
    ['a blank in the name', { StageName: 'a b' }, 'Stage name only allows a-zA-Z0-9_'],
    ['the name $default', { StageName: '$default' }, 'Stage name only allows a-zA-Z0-9_'],
    ['the name @health', { StageName: '@health' }, 'Stage name only allows a-zA-Z0-9_'],
    [
      'a name of 129 characters',
      { StageName: 's'.repeat(129) },
      'Stage name only allows a-zA-Z0-9_',
    ],
    [
      'an unknown deployment',
      { DeploymentId: 'nosuch' },
      'Invalid Deployment identifier specified nosuch',
    ],
    [
      'a deployment that cannot be one',
      { DeploymentId: '../api' },
      'Invalid Deployment identifier specified ../api',
    ],
    [
      'a bad stage variable name',
      { StageVariables: { 'a-b': 'x' } },
      'Invalid stage variable name: a-b. Please use names with only word characters.',
    ],
    [
      'a stage variable name of 65 characters',
      { StageVariables: { ['n'.repeat(65)]: 'x' } },
      `Invalid stage variable name: ${'n'.repeat(65)}. ` +
        'Please use names with only word characters.',
    ],
    [
      'a bad stage variable value',
      { StageVariables: { host: 'a\r\nb' } },
      'Invalid stage variable value of key host.  Please use values with alphanumeric characters ' +
        "and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.",
    ],
    [
      'a log destination of other characters',
      { AccessLogSettings: { ...AccessLogSettings, DestinationArn: 'my logs' } },
      "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': " +
        "'my logs'",
    ],
    [
      'a log group of other characters',
      {
        AccessLogSettings: {
          ...AccessLogSettings,
          DestinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:a b:*',
        },
      },
      "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': " +
        "'a b'",
    ],
    [
      'a log format without request id',
      { AccessLogSettings: { ...AccessLogSettings, Format: '$context.stage' } },
      'Access Log format must include either $context.requestId or $context.extendedRequestId',
    ],
    [
      'a log format of 1025 characters',
      { AccessLogSettings: { ...AccessLogSettings, Format: 'f'.repeat(1025) } },
      'Invalid accessLogSettings.format specified. Must be 0 to 1024 characters long',
    ],
    [
      'another logging level',
      { DefaultRouteSettings: { LoggingLevel: 'DEBUG' } },
      'Invalid defaultRouteSettings.loggingLevel specified. Must be one of [OFF, ERROR, INFO]',
    ],
    [
      'a negative throttle',
      { DefaultRouteSettings: { ThrottlingRateLimit: -1 } },
      'Invalid defaultRouteSettings.throttlingRateLimit specified. ' +
        'Must be between 0 and 9007199254740991',
    ],
  ])('with %s answers 400', async (_, change, message) => {
    const call = plane.aws.createStage({ ApiId, StageName, ...change } as never);
    expect(await refusal(call)).toEqual(badRequest(message));
  });

  test('with settings for an unknown route answers 404', async () => {
    const call = plane.aws.createStage({ ApiId, StageName, RouteSettings: { join: {} } });
    expect(await refusal(call)).toEqual(
      notFound(
        'RouteSettings',
        'Unable to find Route by key join within the provided RouteSettings',
      ),
    );
  });

  test('with a name that exists answers 409', async () => {
    await plane.aws.createStage({ ApiId, StageName });
    expect(await refusal(plane.aws.createStage({ ApiId, StageName }))).toEqual(
      conflict('Stage already exists'),
    );
  });

  test.each(['stdout', 'file:chat/access.log', 'arn:aws:firehose:us-east-1:1:deliverystream/a'])(
    'takes the log destination %s',
    async (DestinationArn) => {
      const settings = { DestinationArn, Format: '$context.extendedRequestId' };
      const stage = await plane.aws.createStage({ ApiId, StageName, AccessLogSettings: settings });
      expect(stage.AccessLogSettings).toEqual(settings);
    },
  );
});

describe('UpdateStage', () => {
  const update = (change: object) => plane.aws.updateStage({ ApiId, StageName, ...change });

  test('dates the change, and not a request that changes nothing', async () => {
    await plane.aws.createStage({ ApiId, StageName });
    plane.clock.move(60_000);
    const before = await update({});
    expect(before.LastUpdatedDate).toEqual(before.CreatedDate);
    const after = await update({ Description: 'changed' });
    expect(after.CreatedDate).toEqual(before.CreatedDate);
    expect(after.LastUpdatedDate!.getTime()).toBe(before.CreatedDate!.getTime() + 60_000);
  });

  test('merges stage variables and removes those set to an empty string', async () => {
    await plane.aws.createStage({ ApiId, StageName, StageVariables: { a: '1', b: '2' } });
    const { StageVariables } = await update({ StageVariables: { b: '', c: '3' } });
    expect(StageVariables).toEqual({ a: '1', c: '3' });
    expect((await update({ StageVariables: { a: '', c: '' } })).StageVariables).toEqual({});
  });

  test('merges route settings per route and per member', async () => {
    await makeRoute(plane, ApiId, 'join');
    await makeRoute(plane, ApiId, 'leave');
    await plane.aws.createStage({ ApiId, StageName });
    await update({ RouteSettings: { join: { LoggingLevel: 'INFO', ThrottlingBurstLimit: 1 } } });
    const { RouteSettings } = await update({
      RouteSettings: { join: { ThrottlingBurstLimit: 2 }, leave: { DataTraceEnabled: true } },
    });
    expect(RouteSettings).toEqual({
      join: { LoggingLevel: 'INFO', ThrottlingBurstLimit: 2 },
      leave: { DataTraceEnabled: true },
    });
    expect(await refusal(update({ RouteSettings: { other: {} } }))).toMatchObject({ status: 404 });
  });

  test('merges default route settings per member', async () => {
    await plane.aws.createStage({
      ApiId,
      StageName,
      DefaultRouteSettings: { LoggingLevel: 'INFO', ThrottlingBurstLimit: 7 },
    });
    const { DefaultRouteSettings } = await update({
      DefaultRouteSettings: { ThrottlingBurstLimit: 0, DataTraceEnabled: true },
    });
    expect(DefaultRouteSettings).toEqual({
      DataTraceEnabled: true,
      DetailedMetricsEnabled: false,
      LoggingLevel: 'INFO',
      ThrottlingBurstLimit: 0,
    });
  });

  test('replaces access log settings as a whole', async () => {
    await plane.aws.createStage({ ApiId, StageName, AccessLogSettings });
    const next = { DestinationArn: 'stdout', Format: '$context.requestId!' };
    expect((await update({ AccessLogSettings: next })).AccessLogSettings).toEqual(next);
    expect(await refusal(update({ AccessLogSettings: { Format: next.Format } }))).toMatchObject({
      status: 400,
    });
  });

  test('takes a client certificate that is there, and keeps it there', async () => {
    const ClientCertificateId = await makeCertificate(plane);
    await plane.aws.createStage({ ApiId, StageName });
    expect(await refusal(update({ ClientCertificateId: 'nosuch' }))).toEqual(
      badRequest('Invalid Client Certificate identifier specified nosuch'),
    );
    await update({ ClientCertificateId });
    const remove = () => plane.send('DELETE', `/clientcertificates/${ClientCertificateId}`);
    const { status, json } = await remove();
    expect([status, json.message]).toEqual([
      409,
      'Cannot delete Client Certificate because it is referenced by the following Stages: ' +
        `[${ApiId}:${StageName}]`,
    ]);
    await update({ ClientCertificateId: '' });
    expect((await remove()).status).toBe(202);
  });

  test('never takes a certificate that is being deleted at the same time', async () => {
    await plane.aws.createStage({ ApiId, StageName });
    for (let round = 1; round <= 5; round += 1) {
      const ClientCertificateId = await makeCertificate(plane);
      const [set, removed] = await Promise.allSettled([
        update({ ClientCertificateId }),
        plane.send('DELETE', `/clientcertificates/${ClientCertificateId}`),
      ]);
      const isRemoved = removed.status === 'fulfilled' && removed.value.status === 202;
      expect(set.status).toBe(isRemoved ? 'rejected' : 'fulfilled');
    }
  });

  test('clears description and client certificate with an empty string', async () => {
    const given = { Description: 'd', ClientCertificateId: await makeCertificate(plane) };
    await plane.aws.createStage({ ApiId, StageName, ...given });
    const cleared = { Description: '', ClientCertificateId: '' };
    expect(await update(cleared)).toMatchObject(cleared);
    const stage = await plane.aws.getStage({ ApiId, StageName });
    expect(stage).not.toHaveProperty('Description');
    expect(stage).not.toHaveProperty('ClientCertificateId');
  });

  test('of an unknown stage answers 404', async () => {
    expect(await refusal(update({ Description: 'd' }))).toEqual(
      notFound('Stage', 'Invalid stage identifier specified'),
    );
  });
});

describe('DeleteAccessLogSettings and DeleteRouteSettings', () => {
  test('remove what a PATCH cannot remove', async () => {
    await makeRoute(plane, ApiId, '$default');
    const RouteSettings = { $default: { DataTraceEnabled: true } };
    await plane.aws.createStage({ ApiId, StageName, AccessLogSettings, RouteSettings });
    const log = await plane.aws.deleteAccessLogSettings({ ApiId, StageName });
    expect(log.$metadata.httpStatusCode).toBe(204);
    const settings = { ApiId, StageName, RouteKey: '$default' };
    const route = await plane.aws.deleteRouteSettings(settings);
    expect(route.$metadata.httpStatusCode).toBe(204);
    const stage = await plane.aws.getStage({ ApiId, StageName });
    expect(stage.AccessLogSettings).toBeUndefined();
    expect(stage.RouteSettings).toEqual({});
    expect(await refusal(plane.aws.deleteRouteSettings(settings))).toEqual(
      notFound(
        'RouteSettings',
        'Unable to find Route by key $default within the provided RouteSettings',
      ),
    );
  });

  test('an empty block takes access logs away: Terraform sends that', async () => {
    await plane.aws.createStage({ ApiId, StageName, AccessLogSettings });
    const updated = await plane.aws.updateStage({ ApiId, StageName, AccessLogSettings: {} });
    expect(updated.AccessLogSettings).toBeUndefined();
    expect((await plane.aws.getStage({ ApiId, StageName })).AccessLogSettings).toBeUndefined();
  });

  test('of an unknown stage answer 404', async () => {
    const unknown = notFound('Stage', 'Invalid stage identifier specified');
    const stage = { ApiId, StageName: 'nowhere' };
    expect(await refusal(plane.aws.deleteAccessLogSettings(stage))).toEqual(unknown);
    expect(await refusal(plane.aws.deleteRouteSettings({ ...stage, RouteKey: 'x' }))).toEqual(
      unknown,
    );
  });
});

describe('DeleteStage', () => {
  test('answers 204, and 404 the second time', async () => {
    await plane.aws.createStage({ ApiId, StageName });
    const { $metadata } = await plane.aws.deleteStage({ ApiId, StageName });
    expect($metadata.httpStatusCode).toBe(204);
    expect(await refusal(plane.aws.deleteStage({ ApiId, StageName }))).toEqual(
      notFound('Stage', 'Invalid stage identifier specified'),
    );
  });
});
