import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing, run } from './control-plane/support/tool.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';

/**
 * Every refusal of `@connections` (developer guide and recordings: status, name and body), as boto3 and
 * the AWS SDK for JavaScript make an exception of it. What a program catches is decided by them.
 */
const PYTHON = '/usr/bin/python3';
const isBoto3Missing = await isMissing(PYTHON, ['-c', 'import boto3']);

const ACCOUNT = '********0000';
const secretOf = (name: string) => `${name}-secret-of-some-length`;
const key = (id: string, more: object = {}) => ({
  accessKeyId: id,
  secretAccessKey: secretOf(id),
  enabled: true,
  ...more,
});
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

let gateway: TestGateway;
let api: TestApi;
let socket: TestSocket;
let open: string;
beforeAll(async () => {
  gateway = await startGateway({
    mode: 'start',
    users: [
      {
        name: 'all',
        accessKeys: [
          key('AKIAALL'),
          key('AKIADISABLED', { enabled: false }),
          key('ASIASESSION', { sessionToken: 'the-session-token' }),
          key('ASIAEXPIRED', { sessionToken: 'the-session-token', expiresAt: 1 }),
        ],
        policies: [policy(allow)],
      },
      { name: 'none', accessKeys: [key('AKIANONE')], policies: [] },
      {
        name: 'denied',
        accessKeys: [key('AKIADENIED')],
        policies: [policy(allow, { ...allow, Effect: 'Deny', Action: 'execute-api:*' })],
      },
    ],
  });
  gateway.clock.jumpTo(Date.now());
  api = await gateway.createApi({ routes: { $default: {} } });
  socket = await connect(api.wsUrl);
  open = String((await gateway.events.next()).connectionId);
});
afterAll(async () => {
  socket.close();
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

interface Case {
  readonly operation: 'post' | 'get' | 'delete';
  readonly accessKey: string;
  readonly secret?: string;
  readonly token?: string;
  /** Default: the open connection. */
  readonly id?: string;
  readonly bytes?: number;
  readonly stage?: string;
}

interface Seen {
  /** The exception's class, as `except` and `instanceof` know it. */
  readonly name: string;
  readonly message: string;
  readonly status: number;
}

const denied = (user: string, verb: string, because: string) =>
  `User: arn:aws:iam::000000000000:user/${user} is not authorized to perform: ` +
  `execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:${ACCOUNT}:` +
  `{api}/test/${verb}/@connections/{connectionId} ${because}`;
const noPolicy = 'because no identity-based policy allows the execute-api:ManageConnections action';
const explicit = 'with an explicit deny in an identity-based policy';
const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS ' +
  'Secret Access Key and signing method. Consult the service documentation for details.';
const unknown = 'The security token included in the request is invalid.';

const rows: [what: string, asked: Case, name: string, status: number, message: string][] = [
  [
    'a connection that never was',
    { operation: 'post', accessKey: 'AKIAALL', id: 'gbgA_A9XiQAYKEiI6A==' },
    'GoneException',
    410,
    '',
  ],
  [
    'what is no id, whoever asks',
    { operation: 'get', accessKey: 'AKIANONE', id: 'AAAA=' },
    'BadRequestException',
    400,
    'Invalid connectionId: AAAA=',
  ],
  [
    'a caller without policies',
    { operation: 'get', accessKey: 'AKIANONE' },
    'AccessDeniedException',
    403,
    denied('none', 'GET', noPolicy),
  ],
  [
    'a caller who is denied',
    { operation: 'delete', accessKey: 'AKIADENIED' },
    'AccessDeniedException',
    403,
    denied('denied', 'DELETE', explicit),
  ],
  [
    'a wrong secret',
    { operation: 'post', accessKey: 'AKIAALL', secret: 'wrong' },
    'InvalidSignatureException',
    403,
    mismatch,
  ],
  [
    'an unknown key',
    { operation: 'post', accessKey: 'AKIANOBODY' },
    'UnrecognizedClientException',
    403,
    unknown,
  ],
  [
    'a disabled key',
    { operation: 'post', accessKey: 'AKIADISABLED' },
    'UnrecognizedClientException',
    403,
    unknown,
  ],
  [
    'a session without its token',
    { operation: 'post', accessKey: 'ASIASESSION' },
    'UnrecognizedClientException',
    403,
    unknown,
  ],
  [
    'a session with another token',
    { operation: 'post', accessKey: 'ASIASESSION', token: 'another' },
    'UnrecognizedClientException',
    403,
    unknown,
  ],
  [
    'a session that is over',
    { operation: 'post', accessKey: 'ASIAEXPIRED', token: 'the-session-token' },
    'ExpiredTokenException',
    403,
    'The security token included in the request is expired',
  ],
  [
    'an unknown stage',
    { operation: 'post', accessKey: 'AKIAALL', stage: 'nowhere' },
    'ForbiddenException',
    403,
    'Forbidden',
  ],
];

describe('the AWS SDK for JavaScript', () => {
  test.each(rows)('%s', async (_, asked, name, status, message) => {
    expect(await seenBySdk(asked)).toEqual({
      name,
      status,
      // It has a sentence of its own for an answer without one.
      message: message === '' ? 'UnknownError' : message.replace('{api}', api.apiId),
    });
  });

  test('a session with its token is served, and 131073 bytes are too many', async () => {
    expect(
      await seenBySdk({ operation: 'post', accessKey: 'ASIASESSION', token: 'the-session-token' }),
    ).toBe('served');
    expect(await socket.next()).toBe('x');
    const large = { operation: 'post', accessKey: 'AKIAALL', bytes: 131_073 } as const;
    expect(await seenBySdk(large)).toMatchObject({ status: 413 });
    expect(await seenBySdk({ ...large, bytes: 131_072 })).toBe('served');
    await socket.next();
  });
});

describe.skipIf(isBoto3Missing)('boto3', () => {
  test('every one of them, by the same names', async () => {
    const seen = await seenByBoto3(rows.map(([, asked]) => asked));
    const expected = rows.map(([, , name, status, message]) => ({
      name,
      status,
      message: message.replace('{api}', api.apiId),
    }));
    expect(seen).toEqual(expected);
  });

  test('a session with its token is served, and 131073 bytes are too many', async () => {
    const session = { operation: 'post', accessKey: 'ASIASESSION', token: 'the-session-token' };
    const large = { operation: 'post', accessKey: 'AKIAALL', bytes: 131_073 };
    const seen = await seenByBoto3([session as Case, large as Case]);
    expect(seen).toEqual(['served', { name: '413', status: 413, message: expect.any(String) }]);
    expect(await socket.next()).toBe('x');
  });
});

test('unsigned, with another method and without an id: as AWS answers, byte for byte', async () => {
  const path = `${api.endpoint}/@connections/${encodeURIComponent(open)}`;
  const missing = '{"message":"Missing Authentication Token"}';
  for (const [url, method] of [
    [path, 'POST'],
    [path, 'GET'],
    [path, 'DELETE'],
    [path, 'PUT'],
    [path, 'PATCH'],
    [`${api.endpoint}/@connections`, 'POST'],
  ] as const) {
    const answer = await fetch(url, { method });
    expect([answer.status, await answer.text()]).toEqual([403, missing]);
    expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('x-amz-apigw-id')).toMatch(/^[\w-]{15}=$/);
  }
});

async function seenBySdk(asked: Case): Promise<Seen | 'served'> {
  const client = new ApiGatewayManagementApiClient({
    endpoint: `${gateway.url}/${api.apiId}/${asked.stage ?? 'test'}`,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: {
      accessKeyId: asked.accessKey,
      secretAccessKey: asked.secret ?? secretOf(asked.accessKey),
      ...(asked.token !== undefined && { sessionToken: asked.token }),
    },
  });
  const ConnectionId = asked.id ?? open;
  const Data = 'x'.repeat(asked.bytes ?? 1);
  try {
    if (asked.operation === 'post') {
      await client.send(new PostToConnectionCommand({ ConnectionId, Data }));
    } else if (asked.operation === 'get') {
      await client.send(new GetConnectionCommand({ ConnectionId }));
    } else {
      await client.send(new DeleteConnectionCommand({ ConnectionId }));
    }
    return 'served';
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata: { httpStatusCode: number };
    };
    return { name, message, status: $metadata.httpStatusCode };
  } finally {
    client.destroy();
  }
}

const script = `
import json, sys, boto3
from botocore.config import Config
from botocore.exceptions import ClientError
seen = []
for case in json.loads(sys.argv[1]):
    client = boto3.client(
        "apigatewaymanagementapi", endpoint_url=case["endpoint"], region_name="us-east-1",
        aws_access_key_id=case["key"], aws_secret_access_key=case["secret"],
        aws_session_token=case.get("token"), config=Config(retries={"total_max_attempts": 1}))
    try:
        if case["operation"] == "post":
            client.post_to_connection(ConnectionId=case["id"], Data=b"x" * case["bytes"])
        elif case["operation"] == "get":
            client.get_connection(ConnectionId=case["id"])
        else:
            client.delete_connection(ConnectionId=case["id"])
        seen.append("served")
    except client.exceptions.GoneException as e:
        seen.append({"name": "GoneException", "status": 410, "message": e.response["Error"]["Message"]})
    except ClientError as e:
        seen.append({"name": e.response["Error"]["Code"],
                     "status": e.response["ResponseMetadata"]["HTTPStatusCode"],
                     "message": e.response["Error"]["Message"]})
print(json.dumps(seen))
`;

async function seenByBoto3(cases: readonly Case[]): Promise<unknown[]> {
  const asked = cases.map(({ operation, accessKey, secret, token, id, bytes = 1, stage }) => ({
    operation,
    endpoint: `${gateway.url}/${api.apiId}/${stage ?? 'test'}`,
    key: accessKey,
    secret: secret ?? secretOf(accessKey),
    token,
    id: id ?? open,
    bytes,
  }));
  const { stdout, stderr } = await run(PYTHON, ['-c', script, JSON.stringify(asked)]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}
