import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { longTermKey, outcome, temporaryKey, verify } from './support/keys.ts';
import { type Recorder, startRecorder } from './support/recorder.ts';

/** Signed requests as Amazon's own tools send them: the aws CLI and boto3 of Debian's packages. */
const AWS = '/usr/bin/aws';
const PYTHON = '/usr/bin/python3';
const TOOL_MILLIS_MAX = 60_000;

const run = promisify(execFile);
const isObligatory = Boolean(process.env.CI);

vi.setConfig({ testTimeout: 120_000 });

let recorder: Recorder;
beforeAll(async () => {
  recorder = await startRecorder();
});
afterAll(() => recorder.stop());

const credentials = [
  ['long-term', longTermKey],
  ['temporary', temporaryKey],
] as const;

type Credentials = (typeof credentials)[number][1];

describe.skipIf(!existsSync(AWS) && !isObligatory)('the aws CLI', () => {
  test.each(credentials)('posts to a connection with %s credentials', async (_, key) => {
    await aws(
      ...([key, 'apigatewaymanagementapi', 'post-to-connection'] as const),
      ...['--connection-id', 'L0SM/9c+OF d-ü@=', '--data', '{"type":"ünread"}'],
      ...['--cli-binary-format', 'raw-in-base64-out'],
    );
    const requests = recorder.take();
    expect(requests.map(({ body }) => Buffer.from(body).toString())).toEqual(['{"type":"ünread"}']);
    expect(outcome(verify(requests[0]!))).toBe('verified in eu-west-3');
  });

  test('calls the control plane', async () => {
    const api = ['--api-id', 'a1'];
    await aws(longTermKey, 'apigatewayv2', 'get-integrations', ...api, '--max-results', '5');
    await aws(
      ...([longTermKey, 'apigatewayv2', 'update-integration', ...api] as const),
      ...['--integration-id', 'i1', '--request-parameters'],
      '{"integration.request.header.connectionId": "context.connectionId"}',
    );
    const requests = recorder.take();
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
    for (const request of requests) {
      const verification = verify(request, { service: 'apigateway' });
      expect(outcome(verification)).toBe('verified in eu-west-3');
    }
  });
});

describe.skipIf(!hasBoto3() && !isObligatory)('boto3', () => {
  test.each(credentials)('is accepted with %s credentials', async (_, key) => {
    const options = { env: environment(key), timeout: TOOL_MILLIS_MAX };
    await run(PYTHON, ['-c', BOTO3_SCRIPT, recorder.url], options);
    const requests = recorder.take();
    expect(requests.map(({ method }) => method).join(' ')).toBe(
      'POST POST POST POST POST GET DELETE GET DELETE POST GET',
    );
    expect(requests[0]!.path).toBe('/production/@connections/L0SM9cOFvHcCIhw%3D');
    expect(requests.at(-1)!.query).toContain('X-Amz-Signature=');
    for (const request of requests) {
      const verification = verify(request, { service: ['execute-api', 'apigateway'] });
      expect(outcome(verification)).toBe('verified in eu-west-3');
    }
  });
});

const BOTO3_SCRIPT = `
import sys, boto3
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
import urllib.request

push = boto3.client("apigatewaymanagementapi", endpoint_url=sys.argv[1] + "/production")
for connection_id in ["L0SM9cOFvHcCIhw=", "a/b+c d", "\\u00fc-\\u2713", "@x%41~!*'()"]:
    push.post_to_connection(ConnectionId=connection_id, Data="{}".encode("utf-8"))
push.post_to_connection(ConnectionId="empty", Data=b"")
push.get_connection(ConnectionId="L0SM9cOFvHcCIhw=")
push.delete_connection(ConnectionId="L0SM9cOFvHcCIhw=")

control = boto3.client("apigatewayv2", endpoint_url=sys.argv[1])
control.get_apis(MaxResults="5", NextToken="a+b/c== d&e")
arn = "arn:aws:apigateway:us-east-1::/apis/a1"
control.untag_resource(ResourceArn=arn, TagKeys=["b", "a", "b c"])
control.create_api(Name="ch\\u00e4t", ProtocolType="WEBSOCKET")

session = boto3.Session()
request = AWSRequest("GET", sys.argv[1] + "/production?token=a%2Bb&empty=")
SigV4QueryAuth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
urllib.request.urlopen(request.prepare().url).read()
`;

/** The control plane has no stage in its address. */
function aws(key: Credentials, ...command: string[]) {
  const stage = command[0] === 'apigatewaymanagementapi' ? '/production' : '';
  return run(AWS, ['--endpoint-url', recorder.url + stage, ...command], {
    env: environment(key),
    timeout: TOOL_MILLIS_MAX,
  });
}

function environment(key: Credentials): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: '/nonexistent',
    AWS_REGION: 'eu-west-3',
    AWS_DEFAULT_REGION: 'eu-west-3',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: key.sessionToken }),
  };
}

function hasBoto3(): boolean {
  return existsSync(PYTHON) && existsSync('/usr/lib/python3/dist-packages/boto3');
}
