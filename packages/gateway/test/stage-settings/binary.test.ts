import { describe, expect, test } from 'vitest';
import { codeFolder } from '../support/code-folder.ts';
import { startGateway, type TestApi } from '../support/start-gateway.ts';
import { connect, type TestSocket } from '../support/test-socket.ts';
import { idOf, push, useBench } from './support.ts';

const bench = useBench();
const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);

/** The next message as it came: its bytes, and whether it was binary. */
const nextMessage = (socket: TestSocket) =>
  new Promise<{ data: Buffer; isBinary: boolean }>((resolve) =>
    socket.socket.once('message', (data: Buffer, isBinary) => resolve({ data, isBinary })),
  );

describe('binaryFrames', () => {
  const binaryApi = (): Promise<TestApi> =>
    bench.api(
      { binaryFrames: true },
      {
        echo: { url: `${bench.backend.url}/echo`, twoWay: true },
        hello: { url: `${bench.backend.url}/hello` },
      },
    );

  test('a binary message reaches the backend as it is', async () => {
    const socket = await connect((await binaryApi()).wsUrl);
    socket.send(bytes);
    const request = await bench.backend.requests('/message').next();
    expect(request.body).toEqual(bytes);
    expect(request.headers['content-type']).toBe('application/octet-stream');
  });

  test('it goes to $default, even where its bytes would name a route as text', async () => {
    const socket = await connect((await binaryApi()).wsUrl);
    socket.send(Buffer.from('{"action":"hello"}'));
    const request = await bench.backend.requests('/message').next();
    expect(request.text).toBe('{"action":"hello"}');
    expect(request.headers['content-type']).toBe('application/octet-stream');
    expect(bench.backend.requests('/hello').size).toBe(0);
  });

  test('an empty binary message is a message too', async () => {
    const socket = await connect((await binaryApi()).wsUrl);
    socket.send(Buffer.alloc(0));
    expect((await bench.backend.requests('/message').next()).body.length).toBe(0);
  });

  test('text stays text', async () => {
    const socket = await connect((await binaryApi()).wsUrl);
    socket.send('{"action":"hello"}');
    const request = await bench.backend.requests('/hello').next();
    expect(request.headers['content-type']).toBe('application/json');
  });

  test('what a backend pushes or replies is binary where it is not UTF-8, and text where it is', async () => {
    const api = await binaryApi();
    const socket = await connect(api.wsUrl);
    const id = await idOf(bench, socket);
    let message = nextMessage(socket);
    expect(await push(api, id, bytes)).toBe(200);
    expect(await message).toEqual({ data: bytes, isBinary: true });
    message = nextMessage(socket);
    expect(await push(api, id, 'ä')).toBe(200);
    expect(await message).toEqual({ data: Buffer.from('ä'), isBinary: false });
    message = nextMessage(socket);
    bench.backend.answer('/echo', (_, response) => response.end(bytes));
    socket.send('{"action":"echo"}');
    expect(await message).toEqual({ data: bytes, isBinary: true });
  });

  test('a Lambda function receives it as base64, and may answer with bytes', async () => {
    const files = codeFolder({
      'index.js':
        'exports.echo = async ({ body, isBase64Encoded }) => ({ statusCode: 200, ' +
        'headers: { kind: typeof body }, body, isBase64Encoded });',
    });
    const functions = { echo: { handler: 'index.echo', runtime: 'nodejs20.x' } };
    const gateway = await startGateway({ functions, functionsFolder: files.folder });
    const api = await gateway.createApi({
      tags: { 'postern:binaryFrames': 'true' },
      routes: {
        $default: {
          type: 'AWS_PROXY',
          twoWay: true,
          url: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:echo/invocations',
        },
      },
    });
    const socket = await connect(api.wsUrl);
    const message = nextMessage(socket);
    socket.send(bytes);
    expect(await message).toEqual({ data: bytes, isBinary: true });
    await gateway.stop();
    files.remove();
  });

  test('an HTTP integration passes it on as bytes; a template sees base64', async () => {
    const url = `${bench.backend.url}/custom`;
    const templated = { requestTemplates: { $default: '{"bytes":"$input.body"}' } };
    for (const [integration, type, body] of [
      [{}, 'application/octet-stream', bytes],
      [templated, 'application/json', Buffer.from(`{"bytes":"${bytes.toString('base64')}"}`)],
      [{ contentHandlingStrategy: 'CONVERT_TO_BINARY' }, 'application/json', bytes],
    ] as const) {
      const route = { type: 'HTTP', url, integration } as const;
      const socket = await connect(
        (await bench.api({ binaryFrames: true }, { $default: route })).wsUrl,
      );
      socket.send(bytes);
      const request = await bench.backend.requests('/custom').next();
      expect(request.body).toEqual(body);
      expect(request.headers['content-type']).toBe(type);
    }
  });

  test('the limits of frames hold', async () => {
    const socket = await connect((await binaryApi()).wsUrl);
    socket.send(Buffer.alloc(32_769));
    expect((await socket.closed).code).toBe(1009);
  });

  test('without it a binary message closes with 1003, and pushes are text with U+FFFD', async () => {
    const api = await bench.api({});
    const socket = await connect(api.wsUrl);
    const id = await idOf(bench, socket);
    const message = nextMessage(socket);
    await push(api, id, bytes);
    const damaged = Buffer.from(bytes.toString('utf8'));
    expect(await message).toEqual({ data: damaged, isBinary: false });
    socket.send(bytes);
    expect(await socket.closed).toEqual({ code: 1003, reason: 'Binary is not supported' });
  });

  test('is followed by connections that are open', async () => {
    const api = await bench.api({});
    const socket = await connect(api.wsUrl);
    await bench.change(api, { binaryFrames: true });
    socket.send(bytes);
    expect((await bench.backend.requests('/message').next()).body).toEqual(bytes);
    await bench.change(api, { binaryFrames: false });
    socket.send(bytes);
    expect((await socket.closed).code).toBe(1003);
  });
});
