import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

/**
 * The security schemes that AWS's description of its WebSocket APIs names: an API key in the query,
 * `Authorization` with a signature, `Authorization` for a Lambda authorizer; each on an API of its own.
 */
const VALUE = 'a-key-of-more-than-20-characters';
const KEY = { accessKeyId: 'AKIACLIENT000000001', secretAccessKey: 'client-secret' };
const running = useGateway(undefined, {
  settings: { httpAuthorizers: true },
  users: [
    {
      name: 'client',
      accessKeys: [{ ...KEY, enabled: true }],
      policies: [
        {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
        },
      ],
    },
  ],
});

async function api(
  route: Record<string, unknown>,
  tags: Record<string, string> = {},
): Promise<TestApi> {
  const made = await running.gateway.createApi({ routes: { $connect: {}, $default: {} }, tags });
  const path = `/v2/apis/${made.apiId}/routes/${made.routes.$connect}`;
  await running.gateway.control('PATCH', path, route);
  await made.deploy();
  return made;
}

/** As anyone may read it. */
async function described({ endpoint }: TestApi) {
  return parse(await (await fetch(`${endpoint}/@asyncapi.json`)).text());
}

describe('apiKey', () => {
  test('in the query, where the stage says under which name', async () => {
    const made = await api({ apiKeyRequired: true }, { 'postern:apiKeyQueryParameter': 'api_key' });
    const { gateway } = running;
    const key = { name: 'client', value: VALUE, enabled: true };
    const { id: keyId } = await gateway.control<{ id: string }>('POST', '/apikeys', key);
    const { id } = await gateway.control<{ id: string }>('POST', '/usageplans', {
      name: 'plan',
      apiStages: [{ apiId: made.apiId, stage: 'test' }],
    });
    await gateway.control('POST', `/usageplans/${id}/keys`, { keyId, keyType: 'API_KEY' });
    await connect(`${made.wsUrl}?api_key=${VALUE}`);
    await connect(made.wsUrl, { headers: { 'X-API-Key': VALUE } });
    expect((await refusal(made.wsUrl)).status).toBe(403);
    const { components, servers } = await described(made);
    expect(components.securitySchemes.apiKeyInQuery).toMatchObject({
      in: 'query',
      name: 'api_key',
    });
    expect(servers.test.security).toContainEqual({
      $ref: '#/components/securitySchemes/apiKeyInQuery',
    });
  });
});

test('iamAuth: a signature in Authorization', async () => {
  const made = await api({ authorizationType: 'AWS_IAM' });
  running.gateway.clock.jumpTo(Date.now());
  const { host, hostname, pathname } = new URL(made.wsUrl);
  const signer = new SignatureV4({
    service: 'execute-api',
    region: 'us-east-1',
    credentials: KEY,
    sha256: Sha256,
  });
  const request = { method: 'GET', protocol: 'ws:', hostname, path: pathname, headers: { host } };
  const { host: _, ...headers } = (await signer.sign(request)).headers;
  expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 /);
  await connect(made.wsUrl, { headers });
  expect((await refusal(made.wsUrl)).status).toBe(403);
  const { components, servers } = await described(made);
  expect(components.securitySchemes.iamAuth).toMatchObject({ in: 'header', name: 'Authorization' });
  expect(servers.test.security).toEqual([{ $ref: '#/components/securitySchemes/iamAuth' }]);
});

test('lambdaAuthorizer: what Authorization says, to a function or an endpoint', async () => {
  const { gateway, backend } = running;
  backend.answer('/authorize', ({ text }, response) => {
    const Effect = JSON.parse(text).headers.Authorization === 'let me in' ? 'Allow' : 'Deny';
    const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource: '*' }];
    response.end(JSON.stringify({ policyDocument: { Version: '2012-10-17', Statement } }));
  });
  const made = await api({});
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `/v2/apis/${made.apiId}/authorizers`,
    {
      name: 'tokens',
      authorizerType: 'REQUEST',
      authorizerUri: `${backend.url}/authorize`,
      identitySource: ['route.request.header.Authorization'],
    },
  );
  await gateway.control('PATCH', `/v2/apis/${made.apiId}/routes/${made.routes.$connect}`, {
    authorizationType: 'CUSTOM',
    authorizerId,
  });
  await made.deploy();
  await connect(made.wsUrl, { headers: { Authorization: 'let me in' } });
  expect((await refusal(made.wsUrl, { headers: { Authorization: 'x' } })).status).toBe(403);
  expect((await refusal(made.wsUrl)).status).toBe(401);
  const { components } = await described(made);
  expect(components.securitySchemes.lambdaAuthorizer).toMatchObject({
    in: 'header',
    name: 'Authorization',
  });
});

test('jwt, which is ours: a stage that verifies tokens says whose', async () => {
  const made = await api(
    {},
    {
      'postern:jwtIssuer': 'https://id.example.com/',
      'postern:jwtAudience': 'chat',
      'postern:jwtKeys': 'https://id.example.com/keys',
    },
  );
  const { components, servers } = await described(made);
  expect(components.securitySchemes.jwt).toMatchObject({ type: 'http', scheme: 'bearer' });
  expect(servers.test.security).toEqual([{ $ref: '#/components/securitySchemes/jwt' }]);
});
