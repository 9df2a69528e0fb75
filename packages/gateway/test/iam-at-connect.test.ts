import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presignUrl, signRequest } from '../src/iam/sign.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

/** `AWS_IAM` at `$connect` where signatures are verified: by headers and by the query, alike. */
const key = (accessKeyId: string, more: object = {}) => ({
  accessKeyId,
  secretAccessKey: `${accessKeyId}-secret`,
  enabled: true,
  ...more,
});
const statement = (Effect: string) => ({
  Effect,
  Action: 'execute-api:Invoke',
  Resource: 'arn:aws:execute-api:us-east-1:000000000000:*/test/$connect',
});
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const TOKEN = 'a-session-token/with+signs==';

let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
beforeAll(async () => {
  backend = await startBackend();
  gateway = await startGateway({
    mode: 'start',
    users: [
      {
        name: 'client',
        accessKeys: [
          key('AKIACLIENT'),
          key('AKIASECOND'),
          key('AKIADISABLED', { enabled: false }),
          key('ASIASESSION', { sessionToken: TOKEN }),
          key('ASIAEXPIRED', { sessionToken: TOKEN, expiresAt: 1 }),
        ],
        policies: [policy(statement('Allow'))],
      },
      { name: 'none', accessKeys: [key('AKIANONE')], policies: [] },
      {
        name: 'denied',
        accessKeys: [key('AKIADENIED')],
        policies: [policy(statement('Allow'), statement('Deny'))],
      },
    ],
  });
  const names = ['accountId', 'caller', 'user', 'userArn', 'accessKey'];
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: Object.fromEntries(
          names.map((name) => [
            `integration.request.header.seen-${name}`,
            `context.identity.${name}`,
          ]),
        ),
      },
      $default: {},
    },
  });
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, {
    authorizationType: 'AWS_IAM',
  });
  await api.deploy();
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
});

interface Signer {
  readonly id: string;
  readonly secret?: string;
  readonly token?: string;
  /** By how much the signer's clock is off. */
  readonly offMillis?: number;
  readonly service?: string;
}

const optionsOf = ({ id, secret, token, offMillis = 0, service = 'execute-api' }: Signer) => ({
  credentials: {
    accessKeyId: id,
    secretAccessKey: secret ?? `${id}-secret`,
    ...(token !== undefined && { sessionToken: token }),
  },
  region: 'us-east-1',
  service,
  now: gateway.clock.now() + offMillis,
});

/** The two ways to sign a handshake: where to connect, and with what. */
const ways = {
  'signed headers': (signer: Signer) => {
    const { host, pathname } = new URL(api.wsUrl);
    const request = {
      method: 'GET',
      path: pathname,
      query: '',
      rawHeaders: ['Host', host],
      body: new Uint8Array(),
    };
    return [api.wsUrl, { headers: { ...signRequest(request, optionsOf(signer)) } }] as const;
  },
  'a presigned URL': (signer: Signer) =>
    [presignUrl(api.wsUrl, { ...optionsOf(signer), expiresSeconds: 60 }), {}] as const,
};

const noAccess = (user: string, because: string) =>
  `User: arn:aws:iam::000000000000:user/${user} is not authorized to perform: execute-api:Invoke ` +
  `on resource: arn:aws:execute-api:us-east-1:********0000:{api}/test/$connect ${because}`;
const unknown = 'The security token included in the request is invalid.';

const rows: [what: string, signer: Signer, name: string, message: string | RegExp][] = [
  ['an unknown key', { id: 'AKIANOBODY' }, 'UnrecognizedClientException', unknown],
  ['a disabled key', { id: 'AKIADISABLED' }, 'UnrecognizedClientException', unknown],
  [
    'a wrong secret',
    { id: 'AKIACLIENT', secret: 'x' },
    'InvalidSignatureException',
    /^The request s/,
  ],
  ['a session without its token', { id: 'ASIASESSION' }, 'UnrecognizedClientException', unknown],
  ['a key with a token', { id: 'AKIACLIENT', token: 'x' }, 'UnrecognizedClientException', unknown],
  [
    'a session that is over',
    { id: 'ASIAEXPIRED', token: TOKEN },
    'ExpiredTokenException',
    'The security token included in the request is expired',
  ],
  [
    'a clock ten minutes behind',
    { id: 'AKIACLIENT', offMillis: -600_000 },
    'InvalidSignatureException',
    /^Signature expired: /,
  ],
  [
    'a clock ten minutes ahead',
    { id: 'AKIACLIENT', offMillis: 600_000 },
    'InvalidSignatureException',
    /^Signature not yet current: /,
  ],
  [
    'another service',
    { id: 'AKIACLIENT', service: 's3' },
    'InvalidSignatureException',
    /^Credential should be scoped to correct service/,
  ],
  [
    'a signer without policies',
    { id: 'AKIANONE' },
    'AccessDeniedException',
    noAccess('none', 'because no identity-based policy allows the execute-api:Invoke action'),
  ],
  [
    'a signer who is denied',
    { id: 'AKIADENIED' },
    'AccessDeniedException',
    noAccess('denied', 'with an explicit deny in an identity-based policy'),
  ],
];

describe.each(Object.entries(ways))('%s', (_, way) => {
  test('of any key of a user, and of a session with its token, come in and tell who it is', async () => {
    const signers = [
      { id: 'AKIACLIENT' },
      { id: 'AKIASECOND' },
      { id: 'ASIASESSION', token: TOKEN },
    ];
    for (const signer of signers) {
      await connect(...way(signer));
      const { headers } = await backend.requests('/connect').next();
      expect(headers).toMatchObject({
        'seen-accountid': '000000000000',
        'seen-caller': 'client',
        'seen-user': 'client',
        'seen-userarn': 'arn:aws:iam::000000000000:user/client',
        'seen-accesskey': signer.id,
      });
    }
  });

  test.each(rows)('refused: %s', async (__, signer, name, message) => {
    const refused = await refusal(...way(signer));
    expect([refused.status, refused.headers['x-amzn-errortype']]).toEqual([403, name]);
    expect(refused.headers['x-amzn-requestid']).toBeDefined();
    const member = name === 'AccessDeniedException' ? 'Message' : 'message';
    const text = JSON.parse(refused.body)[member];
    if (message instanceof RegExp) expect(text).toMatch(message);
    else expect(text).toBe(message.replace('{api}', api.apiId));
    expect(Object.keys(JSON.parse(refused.body))).toEqual([member]);
    expect(backend.requests('/connect').size).toBe(0);
  });
});

test('a signature for one stage or one API is none for another', async () => {
  const other = await gateway.createApi({ routes: { $connect: {}, $default: {} } });
  await gateway.control('PATCH', `/v2/apis/${other.apiId}/routes/${other.routes.$connect}`, {
    authorizationType: 'AWS_IAM',
  });
  await other.deploy();
  const [url] = ways['a presigned URL']({ id: 'AKIACLIENT' });
  const refused = await refusal(url.replace(api.apiId, other.apiId));
  expect(refused.headers['x-amzn-errortype']).toBe('InvalidSignatureException');
});
