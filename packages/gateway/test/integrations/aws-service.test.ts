/**
 * Type AWS against servers that speak the services' own protocols (dynalite, kinesalite), and against
 * a recorder that verifies the signature where no such server is to be had.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import kinesalite from 'kinesalite';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { signedRequest } from '../../src/iam/signed-request.ts';
import { verifyRequest } from '../../src/iam/verify.ts';
import { type RouteSpec, startGateway, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly verified: string;
}

const seen: Seen[] = [];
const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIASERVICE00000001',
  AWS_SECRET_ACCESS_KEY: 'service-secret',
};
const before = { ...process.env };
let servers: Server[];
let services: Record<string, string>;
let gateway: TestGateway;

beforeAll(async () => {
  Object.assign(process.env, credentials);
  const recorder = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const verification = verifyRequest(signedRequest(request, body), {
      now: Date.now(),
      service: ['sqs', 'events', 'sns', 'states'],
      findAccessKey: (accessKeyId) => ({
        accessKeyId,
        secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
        userArn: 'arn:aws:iam::000000000000:user/x',
        accountId: '000000000000',
        userName: 'x',
        enabled: accessKeyId === credentials.AWS_ACCESS_KEY_ID,
        policies: [],
      }),
    });
    const { method = '', url = '', headers } = request;
    const verified =
      verification.kind === 'verified' ? verification.region : verification.exception.name;
    seen.push({ method, url, headers, body: body.toString(), verified });
    response.end('{"recorded":true}');
  });
  const started = [dynalite({ createTableMs: 0 }), kinesalite({ createStreamMs: 0 }), recorder];
  servers = started as Server[];
  const urls: string[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  const [dynamodb = '', kinesis = '', recording = ''] = urls;
  services = {
    dynamodb,
    kinesis,
    sqs: recording,
    events: recording,
    sns: recording,
    states: `${recording}/base/`,
  };
});
afterAll(() => {
  process.env = before;
  for (const server of servers) server.close();
});

afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const whole = {
  integrationResponseKey: '$default',
  responseTemplates: { $default: '$input.body' },
};

/** Sends one message to a two-way route of type AWS and returns what the client reads. */
async function ask(uri: string, message: unknown, route: Partial<RouteSpec> = {}) {
  const api = await gateway.createApi({
    routes: {
      $default: {
        type: 'AWS',
        url: `arn:aws:apigateway:us-east-1:${uri}`,
        twoWay: true,
        responses: [whole],
        integration: { credentialsArn: 'arn:aws:iam::000000000000:role/gateway' },
        ...route,
      },
    },
  });
  const socket = await connect(api.wsUrl);
  socket.send(JSON.stringify(message));
  return socket.next();
}

async function freshGateway() {
  gateway = await startGateway({ services });
  gateway.clock.jumpTo(Date.now());
}

test('DynamoDB: a table is made, written by a template, and read back', async () => {
  await freshGateway();
  const created = await ask('dynamodb:action/CreateTable', {
    TableName: 'rooms',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  expect(JSON.parse(created).TableDescription.TableName).toBe('rooms');
  const put = await ask(
    'dynamodb:action/PutItem',
    { room: 'r1', text: 'hello' },
    {
      integration: {
        requestTemplates: {
          $default:
            '{"TableName":"rooms","Item":{"id":{"S":$input.json(\'$.room\')},"text":{"S":$input.json(\'$.text\')}}}',
        },
      },
    },
  );
  expect(put).toBe('{}');
  const read = await ask(
    'dynamodb:action/GetItem',
    { TableName: 'rooms', Key: { id: { S: 'r1' } } },
    {
      responses: [
        {
          integrationResponseKey: '/200/',
          responseTemplates: { $default: "$input.path('$.Item.text.S')" },
        },
      ],
    },
  );
  expect(read).toBe('hello');
});

test('DynamoDB: an error is chosen by its status', async () => {
  await freshGateway();
  const text = await ask(
    'dynamodb:action/GetItem',
    { TableName: 'missing', Key: { id: { S: 'x' } } },
    {
      responses: [
        whole,
        { integrationResponseKey: '/400/', responseTemplates: { $default: 'no table' } },
      ],
    },
  );
  expect(text).toBe('no table');
});

test('Kinesis: a record is put', async () => {
  await freshGateway();
  await ask('kinesis:action/CreateStream', { StreamName: 'events', ShardCount: 1 });
  const put = await ask(
    'kinesis:action/PutRecord',
    { text: 'hello' },
    {
      integration: {
        requestTemplates: {
          $default:
            '{"StreamName":"events","PartitionKey":"p","Data":"$util.base64Encode($input.body)"}',
        },
      },
    },
  );
  expect(JSON.parse(put)).toMatchObject({ ShardId: 'shardId-000000000000' });
});

test('SQS by path: a form body, signed for the region of the URI', async () => {
  await freshGateway();
  const text = await ask(
    'sqs:path/000000000000/my queue',
    { text: 'a&b' },
    {
      requestParameters: {
        'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'",
      },
      integration: {
        requestTemplates: {
          $default: "Action=SendMessage&MessageBody=$util.urlEncode($input.path('$.text'))",
        },
      },
    },
  );
  expect(text).toBe('{"recorded":true}');
  expect(seen.at(-1)).toMatchObject({
    method: 'POST',
    url: '/000000000000/my%20queue',
    body: 'Action=SendMessage&MessageBody=a%26b',
    verified: 'us-east-1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
});

test('EventBridge: the target is a header that has to be mapped', async () => {
  await freshGateway();
  await ask(
    'events:action/PutEvents',
    { Entries: [] },
    { requestParameters: { 'integration.request.header.X-Amz-Target': "'AWSEvents.PutEvents'" } },
  );
  expect(seen.at(-1)).toMatchObject({
    url: '/?Action=PutEvents',
    verified: 'us-east-1',
    headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
  });
});

test('Step Functions: the target is set; an endpoint may have a path', async () => {
  await freshGateway();
  await ask('states:action/StartExecution', { input: '{}' });
  expect(seen.at(-1)).toMatchObject({
    url: '/base/?Action=StartExecution',
    verified: 'us-east-1',
    headers: {
      'x-amz-target': 'AWSStepFunctions.StartExecution',
      'content-type': 'application/x-amz-json-1.0',
    },
  });
});

test('SNS: mapped query parameters are sent beside the action', async () => {
  await freshGateway();
  await ask(
    'sns:action/Publish',
    { message: 'hello world' },
    {
      requestParameters: {
        'integration.request.querystring.Message': 'route.request.body.message',
      },
    },
  );
  expect(seen.at(-1)).toMatchObject({
    url: '/?Action=Publish&Message=hello%20world',
    verified: 'us-east-1',
  });
});

test.each(['Authorization', 'x-amz-date', 'X-Amz-Security-Token'])(
  '%s cannot be mapped: the signature is the gateway’s own',
  async (name) => {
    await freshGateway();
    const key = `integration.request.header.${name}`;
    const text = await ask('sns:action/Publish', {}, { requestParameters: { [key]: "'mine'" } });
    expect(text).toMatch(/^\{"message": "Internal server error", /);
  },
);

test('a service that is not there: Internal server error', async () => {
  services = { ...services, sns: 'http://127.0.0.1:9' };
  await freshGateway();
  expect(await ask('sns:action/Publish', {})).toMatch(/^\{"message": "Internal server error", /);
});
