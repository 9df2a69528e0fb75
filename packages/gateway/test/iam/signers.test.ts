import { Sha256 } from '@aws-crypto/sha256-js';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  DeleteRouteRequestParameterCommand,
  GetApisCommand,
  TagResourceCommand,
} from '@aws-sdk/client-apigatewayv2';
import { SignatureV4 } from '@smithy/signature-v4';
import * as aws4 from 'aws4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { longTermKey, outcome, temporaryKey, verify } from './support/keys.ts';
import { type Recorder, splitTarget, startRecorder } from './support/recorder.ts';

const connectionIds = [
  'L0SM9cOFvHcCIhw=',
  'a/b/c',
  'a+b==',
  'with space',
  'überraschung-✓-😀',
  "!*'()~-._:;,&$@",
  '%41%zz',
];

const bodies = [
  ['no bytes', ''],
  ['JSON', '{"type":"unread_counts"}'],
  ['text beyond ASCII', 'ünïcödé ✓'],
  ['128 KB', 'x'.repeat(131_072)],
] as const;

let recorder: Recorder;
beforeAll(async () => {
  recorder = await startRecorder();
});
afterAll(() => recorder.stop());

describe.each([
  ['long-term', longTermKey],
  ['temporary', temporaryKey],
])('AWS SDK v3 with %s credentials', (_, credentials) => {
  const settings = () => ({ region: 'eu-central-1', credentials, maxAttempts: 1 });

  test.each(connectionIds)('post, get and delete of connection %j are accepted', async (id) => {
    const endpoint = `${recorder.url}/production`;
    const client = new ApiGatewayManagementApiClient({ ...settings(), endpoint });
    await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: 'hello' }));
    await client.send(new GetConnectionCommand({ ConnectionId: id }));
    await client.send(new DeleteConnectionCommand({ ConnectionId: id }));
    const requests = recorder.take();
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
    for (const request of requests) {
      expect(outcome(verify(request))).toBe('verified in eu-central-1');
    }
  });

  test.each(bodies)('a body of %s is accepted', async (_name, data) => {
    const endpoint = `${recorder.url}/production`;
    const client = new ApiGatewayManagementApiClient({ ...settings(), endpoint });
    await client.send(new PostToConnectionCommand({ ConnectionId: 'x=', Data: data }));
    const [request] = recorder.take();
    expect(request!.path).toBe('/production/@connections/x%3D');
    expect(outcome(verify(request!))).toBe('verified in eu-central-1');
  });

  test('an endpoint that ends in a slash doubles it in the path, and is accepted', async () => {
    const endpoint = `${recorder.url}/production/`;
    const client = new ApiGatewayManagementApiClient({ ...settings(), endpoint });
    await client.send(new GetConnectionCommand({ ConnectionId: 'x=' }));
    const [request] = recorder.take();
    expect(request!.path).toBe('/production//@connections/x%3D');
    expect(outcome(verify(request!))).toBe('verified in eu-central-1');
  });

  test('calls of the control plane are accepted for the service apigateway', async () => {
    const client = new ApiGatewayV2Client({ ...settings(), endpoint: recorder.url });
    await client.send(
      new CreateApiCommand({ Name: 'chät', ProtocolType: 'WEBSOCKET', Tags: { 'a b': 'c=d' } }),
    );
    await client.send(new GetApisCommand({ MaxResults: '1', NextToken: 'a+b/c==&d e' }));
    await client.send(
      new TagResourceCommand({
        ResourceArn: 'arn:aws:apigateway:us-east-1::/apis/a1',
        Tags: { k: 'v' },
      }),
    );
    await client.send(
      new DeleteRouteRequestParameterCommand({
        ApiId: 'a1',
        RouteId: 'r1',
        RequestParameterKey: 'route.request.querystring.a b',
      }),
    );
    const requests = recorder.take();
    expect(requests).toHaveLength(4);
    for (const request of requests) {
      const verification = verify(request, { service: ['apigateway', 'execute-api'] });
      expect(outcome(verification)).toBe('verified in eu-central-1');
    }
  });
});

/** Paths and queries as they may stand on the wire. */
const targets = [
  '/production/@connections/L0SM9cOFvHcCIhw%3D',
  '/production/%40connections/L0SM9cOFvHcCIhw%3D',
  '/production',
  '/',
  '/production/@connections/a%2Fb%20c',
  '/production/%C3%BC/%E2%9C%93',
  '/production//@connections/./x/../y',
  '/production/',
  '/production?token=abc',
  '/production?a=&b=&c',
  '/production?b=2&a=1&b=1&a=2&B=3',
  '/production?token=a%2Bb%2Fc%3D%3D&name=J%C3%BCrgen%20K',
  '/production?a-b=1&a=2&a.b=3&a%20=4&a0=5&aB=6&a_b=7&a~=8',
  "/production?mark=!*'()",
];

describe('@smithy/signature-v4', () => {
  const signer = (credentials = longTermKey) =>
    new SignatureV4({ credentials, region: 'us-east-1', service: 'execute-api', sha256: Sha256 });

  test.each(targets)('signed headers of GET %s are accepted', async (target) => {
    const signed = await signer().sign(smithyRequest('GET', target));
    expect(outcome(verify(onTheWire('GET', target, signed.headers)))).toBe('verified in us-east-1');
  });

  test.each(targets)('a presigned GET %s is accepted', async (target) => {
    const signed = await signer().presign(smithyRequest('GET', target), { expiresIn: 60 });
    const request = onTheWire('GET', smithyTarget(signed), { host: 'example.test:4080' });
    expect(outcome(verify(request))).toBe('verified in us-east-1');
  });

  test('a presigned URL of temporary credentials carries its token', async () => {
    const signed = await signer(temporaryKey).presign(smithyRequest('GET', '/production'));
    const request = onTheWire('GET', smithyTarget(signed), { host: 'example.test:4080' });
    expect(request.query).toContain('X-Amz-Security-Token=');
    expect(outcome(verify(request))).toBe('verified in us-east-1');
  });

  test('a presigned URL may say that the body is not signed', async () => {
    const signed = await signer().presign({
      ...smithyRequest('POST', '/production'),
      headers: { host: 'example.test:4080', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    });
    const request = onTheWire('POST', smithyTarget(signed), { host: 'example.test:4080' });
    const withBody = { ...request, body: Buffer.from('anything') };
    expect(outcome(verify(withBody))).toBe('verified in us-east-1');
  });

  test('headers with inner and outer spaces and tabs are accepted', async () => {
    const headers = { host: 'example.test:4080', 'x-note': ' a  b\tc ', 'x-empty': '' };
    const signed = await signer().sign({ ...smithyRequest('GET', '/production'), headers });
    expect(outcome(verify(onTheWire('GET', '/production', signed.headers)))).toBe(
      'verified in us-east-1',
    );
  });
});

describe('aws4', () => {
  const common = { host: 'example.test:4080', service: 'execute-api', region: 'us-west-2' };

  test.each(targets)('signed headers of POST %s are accepted', (target) => {
    const signed = aws4.sign({ ...common, method: 'POST', path: target, body: '{}' }, longTermKey);
    const headers = signed.headers as Record<string, string>;
    const request = onTheWire('POST', signed.path!, headers, '{}');
    expect(outcome(verify(request))).toBe('verified in us-west-2');
  });

  test.each(targets)('a signed query of GET %s is accepted', (target) => {
    const signed = aws4.sign({ ...common, path: target, signQuery: true }, temporaryKey);
    const request = onTheWire('GET', signed.path!, { Host: common.host });
    expect(outcome(verify(request))).toBe('verified in us-west-2');
  });
});

function smithyRequest(method: string, target: string) {
  const [path, search] = splitTarget(target);
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    const earlier = query[name];
    query[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return {
    method,
    protocol: 'http:',
    hostname: 'example.test',
    port: 4080,
    path,
    query,
    headers: { host: 'example.test:4080' } as Record<string, string>,
  };
}

function smithyTarget(request: {
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
}): string {
  const pairs = Object.entries(request.query ?? {}).flatMap(([name, values]) =>
    [values ?? '']
      .flat()
      .map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  return `${request.path}?${pairs.join('&')}`;
}

function onTheWire(
  method: string,
  target: string,
  headers: Record<string, string | number | undefined>,
  body = '',
): SignedRequest {
  const [path, query] = splitTarget(target);
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
  return { method, path, query, rawHeaders, body: Buffer.from(body) };
}
