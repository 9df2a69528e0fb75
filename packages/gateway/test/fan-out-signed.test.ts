import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';

/** Who may push to many with one call, and how everybody else is refused. */

const KEYS = ['all', 'one', 'none', 'denied', 'disabled', 'session', 'expired'] as const;
type Name = (typeof KEYS)[number];
const keyOf = (name: Name) => ({
  accessKeyId: `AKIA${name.toUpperCase().padEnd(12, '0')}`,
  secretAccessKey: `secret-of-${name}-which-is-long`,
});
const connections = (what: string) => ({
  Effect: 'Allow',
  Action: 'execute-api:ManageConnections',
  Resource: `arn:aws:execute-api:us-east-1:000000000000:*/test/POST/@connections/${what}`,
});
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const user = (name: Name, policies: object[], more: object = {}) => ({
  name,
  accessKeys: [{ ...keyOf(name), enabled: true, ...more }],
  policies,
});

let gateway: TestGateway;
let api: TestApi;
let socket: TestSocket;
let id: string;
beforeAll(async () => {
  gateway = await startGateway({
    mode: 'start',
    settings: { accountRateLimit: 1, accountBurstLimit: 100 },
    users: [
      user('all', [policy(connections('*'))]),
      user('one', [policy(connections('{connectionId}'))]),
      user('none', []),
      user('denied', [
        policy(connections('*'), { ...connections('*'), Effect: 'Deny', Action: 'execute-api:*' }),
      ]),
      user('disabled', [policy(connections('*'))], { enabled: false }),
      user('session', [policy(connections('*'))], { sessionToken: 'the-session-token' }),
      user('expired', [policy(connections('*'))], { sessionToken: 'old', expiresAt: 1 }),
    ],
  });
  gateway.clock.jumpTo(Date.now());
  api = await gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
  socket = await connect(api.wsUrl);
  id = String((await gateway.events.next()).connectionId);
});
afterAll(async () => {
  socket.close();
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

interface Asked {
  readonly key?: Name;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly body?: string;
  /** What is sent in the place of what was signed. */
  readonly sent?: { readonly query?: string; readonly body?: string };
}

const signerOf = ({ key = 'all', ...asked }: Asked) =>
  new SignatureV4({
    service: 'execute-api',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: {
      ...keyOf(key),
      ...(asked.secretAccessKey !== undefined && { secretAccessKey: asked.secretAccessKey }),
      ...(asked.sessionToken !== undefined && { sessionToken: asked.sessionToken }),
    },
  });

async function ask(asked: Asked = {}) {
  const { path = '/@connections', query = {}, body = 'hello', sent } = asked;
  const { host, hostname, pathname } = new URL(api.endpoint);
  const { headers } = await signerOf(asked).sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname,
      path: `${pathname}${path}`,
      query,
      headers: { host },
      body,
    },
    { signingDate: new Date(gateway.clock.now()) },
  );
  const text = sent?.query ?? new URLSearchParams(query).toString();
  const url = `${api.endpoint}${path}${text === '' ? '' : `?${text}`}`;
  return answerOf(await fetch(url, { method: 'POST', headers, body: sent?.body ?? body }));
}

async function answerOf(reply: Response) {
  const text = await reply.text();
  const name = reply.headers.get('x-amzn-errortype') ?? undefined;
  const answer = text === '' ? {} : JSON.parse(text);
  return { status: reply.status, name, message: answer.message ?? answer.Message, answer };
}

const served = { status: 200, answer: { delivered: 1, refused: 0, gone: 0 } };

describe('is served', () => {
  test('who may push to every connection', async () => {
    expect(await ask()).toMatchObject(served);
    expect(await socket.next()).toBe('hello');
  });

  test('with a query that was signed, and with a session', async () => {
    const query = { connectionId: id, olderThanSeconds: '0', address: '127.0.0.1' };
    expect(await ask({ query, body: 'selected' })).toMatchObject(served);
    const session = { key: 'session', sessionToken: 'the-session-token', body: 'session' } as const;
    expect(await ask(session)).toMatchObject(served);
    expect([await socket.next(), await socket.next()]).toEqual(['selected', 'session']);
  });

  test('a presigned URL: its signature is no part of what is selected', async () => {
    const { host, hostname, pathname } = new URL(api.endpoint);
    const { query = {} } = await signerOf({}).presign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname,
        path: `${pathname}/@connections`,
        query: { connectionId: id },
        headers: { host },
        body: 'presigned',
      },
      { expiresIn: 60, signingDate: new Date(gateway.clock.now()) },
    );
    const text = new URLSearchParams(query as Record<string, string>).toString();
    const url = `${api.endpoint}/@connections?${text}`;
    expect(await answerOf(await fetch(url, { method: 'POST', body: 'presigned' }))).toMatchObject(
      served,
    );
    expect(await socket.next()).toBe('presigned');
  });
});

describe('is refused', () => {
  const denied = (name: string, because: string) =>
    `User: arn:aws:iam::000000000000:user/${name} is not authorized to perform: ` +
    'execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:********0000:' +
    `${api.apiId}/test/POST/@connections/* ${because}`;
  const noPolicy =
    'because no identity-based policy allows the execute-api:ManageConnections action';
  const invalid = 'The security token included in the request is invalid.';

  const rows: [
    what: string,
    asked: Asked,
    status: number,
    name: string,
    message: string | RegExp,
  ][] = [
    ['another secret', { secretAccessKey: 'x' }, 403, 'InvalidSignatureException', /^The request/],
    [
      'a query that was not signed',
      { query: { principal: 'ada' }, sent: { query: '' } },
      403,
      'InvalidSignatureException',
      /^The request signature/,
    ],
    [
      'another body than was signed',
      { sent: { body: 'other' } },
      403,
      'InvalidSignatureException',
      /^The request signature/,
    ],
    ['a disabled key', { key: 'disabled' }, 403, 'UnrecognizedClientException', invalid],
    ['no session token', { key: 'session' }, 403, 'UnrecognizedClientException', invalid],
    [
      'a session that is over',
      { key: 'expired', sessionToken: 'old' },
      403,
      'ExpiredTokenException',
      /expired/,
    ],
    [
      'who may push to one connection at a time',
      { key: 'one' },
      403,
      'AccessDeniedException',
      'one',
    ],
    ['who may nothing', { key: 'none' }, 403, 'AccessDeniedException', 'none'],
    ['who is denied it', { key: 'denied' }, 403, 'AccessDeniedException', 'denied'],
    [
      'a query that makes no sense, before policies are asked',
      { key: 'none', query: { principle: 'ada' } },
      400,
      'BadRequestException',
      'Invalid query parameter specified: principle',
    ],
  ];
  test.each(rows)('%s', async (_, asked, status, name, message) => {
    const sentence =
      name !== 'AccessDeniedException'
        ? message
        : message === 'denied'
          ? denied('denied', 'with an explicit deny in an identity-based policy')
          : denied(String(message), noPolicy);
    const answer = await ask(asked);
    expect(answer).toMatchObject({ status, name });
    if (typeof sentence === 'string') expect(answer.message).toBe(sentence);
    else expect(answer.message).toMatch(sentence);
    expect(socket.pending).toBe(0);
  });

  test('no signature, and a part of one', async () => {
    const url = `${api.endpoint}/@connections`;
    const refused = async (headers: Record<string, string>) =>
      answerOf(await fetch(url, { method: 'POST', body: 'x', headers }));
    expect(await refused({})).toMatchObject({
      status: 403,
      name: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
    expect(await refused({ authorization: 'AWS4-HMAC-SHA256 Credential=x' })).toMatchObject({
      status: 403,
      name: 'IncompleteSignatureException',
    });
  });

  test('131073 bytes, before the signature is looked at; 131072 are served', async () => {
    const large = 'x'.repeat(131_073);
    expect(await ask({ body: large, secretAccessKey: 'x' })).toMatchObject({ status: 413 });
    expect(await ask({ body: large.slice(1) })).toMatchObject(served);
    expect((await socket.next()).length).toBe(131_072);
  });

  test('who may push to one is served there', async () => {
    const path = `/@connections/${encodeURIComponent(id)}`;
    expect(await ask({ key: 'one', path, body: 'to one' })).toMatchObject({ status: 200 });
    expect(await socket.next()).toBe('to one');
  });

  test('more calls than accountRateLimit lets in: each is one request, however many it reaches', async () => {
    gateway.clock.advance(200_000);
    const answers = [];
    for (let number = 0; number < 101; number += 1) answers.push(await ask({ body: '' }));
    expect(answers.slice(0, 100).every(({ status }) => status === 200)).toBe(true);
    expect(answers.at(-1)).toMatchObject({
      status: 429,
      name: 'TooManyRequestsException',
      message: 'Too Many Requests',
    });
    for (let number = 0; number < 100; number += 1) expect(await socket.next()).toBe('');
    expect(socket.pending).toBe(0);
  });
});
