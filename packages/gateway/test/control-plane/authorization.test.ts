/** Who may do what to the control plane in `postern start`: actions are verbs, resources control ARNs. */
import { APIGateway } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { refusal } from './support/refusal.ts';

const READER = { accessKeyId: 'AKIAREADER000000001', secretAccessKey: 'reader-secret' };
const KEEPER = { accessKeyId: 'AKIAKEEPER000000001', secretAccessKey: 'keeper-secret' };
const ADMIN = { accessKeyId: 'AKIAADMIN0000000001', secretAccessKey: 'admin-secret' };

const on = (path: string) => `arn:aws:apigateway:us-east-1::${path}`;
const user = (name: string, key: typeof ADMIN, ...statements: object[]) => ({
  name,
  accessKeys: [{ ...key, enabled: true }],
  policies: [
    {
      Version: '2012-10-17' as const,
      Statement: statements.map((each) => ({ Effect: 'Allow' as const, ...each })) as never,
    },
  ],
});

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({
    mode: 'start',
    users: [
      user('admin', ADMIN, { Action: '*', Resource: '*' }),
      user('reader', READER, {
        Action: 'apigateway:GET',
        Resource: [on('/apis'), on('/apis/*'), on('/usageplans')],
      }),
      // May change one stage of one API, its tags, and nothing else.
      user(
        'keeper',
        KEEPER,
        { Action: 'apigateway:PATCH', Resource: on('/apis/keptkeptke/stages/prod') },
        { Action: ['apigateway:POST', 'apigateway:DELETE'], Resource: on('/tags/*keptkeptke*') },
        { Action: 'apigateway:PUT', Resource: on('/tags/*keptkeptke*') },
      ),
    ],
  });
  // Signatures carry the caller's clock; the gateway's must agree with it.
  gateway.clock.jumpTo(Date.now());
  for (const id of ['keptkeptke', 'otherother']) {
    await v2(ADMIN).createApi({
      Name: id,
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
      Tags: { _custom_id_: id },
    });
    for (const StageName of ['prod', 'test']) {
      await v2(ADMIN).createStage({ ApiId: id, StageName });
    }
  }
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const options = (credentials: typeof ADMIN) => ({
  endpoint: gateway.url,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
});
const v2 = (credentials: typeof ADMIN) => new ApiGatewayV2(options(credentials));
const v1 = (credentials: typeof ADMIN) => new APIGateway(options(credentials));

const denied = (name: string, action: string, path: string) => ({
  name: 'AccessDeniedException',
  status: 403,
  message:
    `User: arn:aws:iam::000000000000:user/${name} is not authorized to perform: ${action} ` +
    `on resource: ${on(path)} because no identity-based policy allows the ${action} action`,
});

const kept = { ApiId: 'keptkeptke', StageName: 'prod' };
const arnOf = (id: string) => on(`/apis/${id}`);
const tagPath = (id: string) => `/tags/${encodeURIComponent(arnOf(id))}`;

describe('a reader', () => {
  test('reads APIs and what is in them, and the usage plans', async () => {
    expect((await v2(READER).getApis({})).Items).toHaveLength(2);
    expect(await v2(READER).getStage(kept)).toMatchObject({ StageName: 'prod' });
    expect((await v1(READER).getUsagePlans({})).items ?? []).toEqual([]);
  });

  test.each([
    [
      'create',
      () => v2(READER).createRoute({ ApiId: kept.ApiId, RouteKey: 'a' }),
      'POST',
      '/apis/keptkeptke/routes',
    ],
    [
      'change',
      () => v2(READER).updateApi({ ApiId: kept.ApiId, Name: 'b' }),
      'PATCH',
      '/apis/keptkeptke',
    ],
    ['delete', () => v2(READER).deleteStage(kept), 'DELETE', '/apis/keptkeptke/stages/prod'],
    ['read domains', () => v2(READER).getDomainNames({}), 'GET', '/domainnames'],
    ['read keys', () => v1(READER).getApiKeys({}), 'GET', '/apikeys'],
    ['read the account', () => v1(READER).getAccount({}), 'GET', '/account'],
    [
      'learn whether an API exists',
      () => v2(READER).deleteApi({ ApiId: 'nowhere' }),
      'DELETE',
      '/apis/nowhere',
    ],
  ])('may not %s', async (_, call, verb, path) => {
    expect(await refusal(call())).toEqual(denied('reader', `apigateway:${verb}`, path));
  });
});

describe('the keeper of one stage', () => {
  test('changes it, and its tags through either API', async () => {
    expect(await v2(KEEPER).updateStage({ ...kept, Description: 'kept' })).toMatchObject({
      Description: 'kept',
    });
    const stage = `${arnOf(kept.ApiId)}/stages/prod`;
    await v2(KEEPER).tagResource({ ResourceArn: stage, Tags: { a: '1', b: '2' } });
    await v2(KEEPER).untagResource({ ResourceArn: stage, TagKeys: ['a'] });
    await v1(KEEPER).tagResource({ resourceArn: stage, tags: { c: '3' } });
    expect((await v2(ADMIN).getStage(kept)).Tags).toEqual({ b: '2', c: '3' });
  });

  test.each([
    [
      'its sibling',
      () => v2(KEEPER).updateStage({ ...kept, StageName: 'test', Description: 'x' }),
      'PATCH',
      '/apis/keptkeptke/stages/test',
    ],
    [
      'the stage of that name of another API',
      () => v2(KEEPER).updateStage({ ...kept, ApiId: 'otherother', Description: 'x' }),
      'PATCH',
      '/apis/otherother/stages/prod',
    ],
    [
      'the tags of another API',
      () => v2(KEEPER).tagResource({ ResourceArn: arnOf('otherother'), Tags: { a: 'b' } }),
      'POST',
      tagPath('otherother'),
    ],
    ['it by reading', () => v2(KEEPER).getStage(kept), 'GET', '/apis/keptkeptke/stages/prod'],
  ])('may not touch %s', async (_, call, verb, path) => {
    expect(await refusal(call())).toEqual(denied('keeper', `apigateway:${verb}`, path));
  });

  test.each([
    ['a stage spelt with percent signs', '/v2/apis/%6fther%6fther/stages/prod'],
    ['a stage with a slash at its end', '/v2/apis/otherother/stages/prod/'],
  ])('does not get around it by %s', async (_, path) => {
    const before = await v2(ADMIN).getStage({ ApiId: 'otherother', StageName: 'prod' });
    const client = v2(KEEPER);
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { path });
        return next(args);
      },
      { step: 'build' },
    );
    const call = client.updateStage({ ...kept, Description: 'x' });
    expect(await refusal(call)).toMatchObject({ name: 'AccessDeniedException', status: 403 });
    expect(await v2(ADMIN).getStage({ ApiId: 'otherother', StageName: 'prod' })).toMatchObject({
      LastUpdatedDate: before.LastUpdatedDate,
    });
  });
});

test('nobody unsigned does anything', async () => {
  const answer = await fetch(`${gateway.url}/v2/apis`);
  expect(answer.status).toBe(403);
  expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
});
