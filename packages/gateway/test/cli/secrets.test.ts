import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiGatewayV2Client, CreateApiCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workplace } from './support.ts';

/** Nothing that the gateway says, in any place, repeats a secret it was given. */
const SECRETS = {
  literal: 'LITERAL-0eb1a7c4d2f94c',
  env: 'ENVIRONMENT-5f3b9a1c7e',
  file: 'FILE-77d0c1b2a3e4f5',
  session: 'SESSION-1c2d3e4f5a6b7c',
  bearer: 'BEARER-9a8b7c6d5e4f3a2b1c',
};

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.close());

const write = (text: string, name = 'postern.yaml') =>
  writeFileSync(join(place.folder, name), text);

const FILE = `
users:
  - name: operator
    accessKeys:
      - { accessKeyId: AKIALITERAL00000001, secretAccessKey: ${SECRETS.literal} }
      - { accessKeyId: AKIAENV000000000001, secretAccessKey: { env: POSTERN_TEST_SECRET } }
      - { accessKeyId: AKIAFILE00000000001, secretAccessKey: { file: secret.txt } }
      - { accessKeyId: ASIASESSION00000001, secretAccessKey: ${SECRETS.literal}, sessionToken: ${SECRETS.session} }
    tokens: [${SECRETS.bearer}]
    policies:
      - Version: "2012-10-17"
        Statement: [{ Effect: Allow, Action: "*", Resource: "*" }]
`;

/** All that is said, by the process and by its doors. */
class Ears {
  readonly heard: string[] = [];

  async ask(url: string, init: RequestInit = {}): Promise<number> {
    const answer = await fetch(url, init);
    this.heard.push(JSON.stringify([...answer.headers]), await answer.text());
    return answer.status;
  }

  expectNoSecret(...more: string[]): void {
    const all = [...this.heard, ...more].join('\n');
    for (const secret of Object.values(SECRETS)) {
      expect(all).not.toContain(secret);
      expect(all).not.toContain(Buffer.from(secret).toString('base64'));
    }
  }
}

test('neither log nor answer of a running gateway repeats one, nor the folder it keeps', async () => {
  write(FILE);
  write(`${SECRETS.file}\n`, 'secret.txt');
  const env = { POSTERN_TEST_SECRET: SECRETS.env };
  const run = place.posternWith(env, 'start', '--port', '0', '--data', 'data');
  const url = await run.ready();
  const ears = new Ears();
  const client = (accessKeyId: string, secretAccessKey: string, sessionToken?: string) =>
    new ApiGatewayV2Client({
      endpoint: url,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    });
  const keys = [
    client('AKIALITERAL00000001', SECRETS.literal),
    client('AKIAENV000000000001', SECRETS.env),
    client('AKIAFILE00000000001', SECRETS.file),
    client('ASIASESSION00000001', SECRETS.literal, SECRETS.session),
  ];
  const create = new CreateApiCommand({
    Name: 'n',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });
  for (const key of keys) {
    const made = await key.send(create);
    const got = await key.send(new GetApisCommand({}));
    ears.heard.push(JSON.stringify([made, got]));
  }
  // What people mix up: the secret for the id, a token for a signature, the header's form.
  const mixedUp = [
    client(SECRETS.literal, 'AKIALITERAL00000001'),
    client('AKIALITERAL00000001', SECRETS.file),
    client('AKIALITERAL00000001', SECRETS.literal, SECRETS.session),
  ];
  for (const key of mixedUp) {
    const error = await key.send(new GetApisCommand({})).catch((problem: unknown) => problem);
    expect(error).toBeInstanceOf(Error);
    ears.heard.push(JSON.stringify(error), String((error as Error).stack));
  }
  const bearer = { headers: { authorization: `Bearer ${SECRETS.bearer}` } };
  expect(await ears.ask(`${url}/v2/apis`, bearer)).toBe(200);
  for (const page of ['configuration', 'node', 'connections', 'apis', 'nothing']) {
    await ears.ask(`${url}/@api/${page}`, bearer);
  }
  for (const authorization of [
    SECRETS.literal,
    `Bearer ${SECRETS.literal}`,
    `AWS4-HMAC-SHA256 ${SECRETS.literal}`,
    `AWS4-HMAC-SHA256 Credential=${SECRETS.literal}, SignedHeaders=host, Signature=x`,
    `Basic ${Buffer.from(`operator:${SECRETS.literal}`).toString('base64')}`,
  ]) {
    const headers = { authorization, 'x-amz-date': '20260101T000000Z' };
    expect(await ears.ask(`${url}/v2/apis`, { headers })).toBe(403);
    await ears.ask(`${url}/production/@connections/x`, { headers });
  }
  await ears.ask(`${url}/v2/apis?X-Amz-Algorithm=x&X-Amz-Credential=${SECRETS.literal}`);
  write(FILE.replace('"*"', '"nothing"'));
  run.reload();
  await run.shows('users and their keys stay as they were');
  run.signal('SIGTERM');
  await run.code;
  ears.expectNoSecret(run.stdout(), run.stderr(), ...contents(join(place.folder, 'data')));
});

describe('a configuration that cannot be used is explained without', () => {
  const user = (accessKey: string) =>
    `users: [{ name: a, accessKeys: [${accessKey}], tokens: [${SECRETS.bearer}] }]`;
  const rows: [name: string, yaml: string][] = [
    ['the id missing', user(`{ secretAccessKey: ${SECRETS.literal} }`)],
    ['the id in the place of the secret', user(`{ accessKeyId: "${SECRETS.literal} " }`)],
    ['a list for a secret', user(`{ accessKeyId: AKIAA, secretAccessKey: [${SECRETS.literal}] }`)],
    [
      'a mapping for a secret',
      user(`{ accessKeyId: AKIAA, secretAccessKey: { value: ${SECRETS.literal} } }`),
    ],
    ['a number for a secret', user('{ accessKeyId: AKIAA, secretAccessKey: 8675309867530986 }')],
    ['a misspelled key', user(`{ accessKeyId: AKIAA, secretAccesKey: ${SECRETS.literal} }`)],
    ['a short token', `users: [{ name: a, tokens: [SHORT-9a8b7c] }]`],
    ['a token of another kind', `users: [{ name: a, tokens: { one: ${SECRETS.bearer} } }]`],
    [
      'a line that is no YAML',
      `${user(`{ accessKeyId: AKIAA, secretAccessKey: "${SECRETS.literal}`)}`,
    ],
    [
      'a file that is not there',
      user('{ accessKeyId: AKIAA, secretAccessKey: { file: nowhere } }'),
    ],
  ];
  test.each(rows)('%s', async (_, yaml) => {
    write(yaml);
    const run = place.postern('start', '--port', '0', '--ephemeral');
    expect(await run.code).toBe(2);
    expect(run.stderr()).toContain('postern.yaml');
    new Ears().expectNoSecret(run.stdout(), run.stderr());
    expect(run.stdout() + run.stderr()).not.toMatch(/8675309867530986|SHORT-9a8b7c/);
  });
});

/** Every file below a folder, as text. */
function contents(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
}
