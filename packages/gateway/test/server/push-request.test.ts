import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headerValue } from '../../src/iam/header-list.ts';
import type { PushRequest } from '../../src/server/push-request.ts';
import { readPush } from '../../src/server/read-push.ts';
import { learnFrom } from '../../src/server/repeated-push.ts';
import { WholePush } from '../../src/server/whole-push.ts';

const DIGITS = '0123456789abcdef'.repeat(4);
/** As boto3 sends it. */
const boto3 = [
  'POST /production/@connections/L0SM9cOFvIHw_-AbCd%3D%3D HTTP/1.1',
  'Host: 127.0.0.1:4080',
  'Accept-Encoding: identity',
  'User-Agent: Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27',
  'X-Amz-Date: 20261122T120000Z',
  `Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20261122/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=${DIGITS}`,
  'amz-sdk-invocation-id: 0b0c8b0e-2d4f-4c4f-8a43-9d6a1d7f2f0e',
  'amz-sdk-request: attempt=1',
  'Content-Length: 16',
];
/** As AWS SDK v3 sends it. */
const sdk3 = [
  'POST /production/%40connections/L0SM9cOFvIHw_-AbCd%3D%3D HTTP/1.1',
  'content-type: application/octet-stream',
  'host: 127.0.0.1:4080',
  'x-amz-user-agent: aws-sdk-js/3.1168.0',
  'user-agent: aws-sdk-js/3.1168.0 ua/2.1 os/linux lang/js md/nodejs#20.20.2',
  'amz-sdk-invocation-id: 0b0c8b0e-2d4f-4c4f-8a43-9d6a1d7f2f0e',
  'content-length: 16',
  `x-amz-content-sha256: ${DIGITS}`,
  `authorization: AWS4-HMAC-SHA256 Credential=AKIA/20261122/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=${DIGITS}`,
  'Connection: keep-alive',
];
/** With headers that are others each time. */
const traced = (time: number) => [
  ...boto3,
  `traceparent: 00-0af7651916cd43dd8448eb211c80${time}9c-b7ad6b71692033${time}-01`,
  `tracestate: a=${time}; ${time}, b@c=~!`,
];
/** To many, which no SDK has: signed as one would. */
const toMany = (query = '') => [
  `POST /production/@connections${query} HTTP/1.1`,
  ...boto3.slice(1),
];
const BODY = '{"type":"hello"}';
const text = (lines: readonly string[], body = BODY) => `${lines.join('\r\n')}\r\n\r\n${body}`;
const bytes = (request: string) => Buffer.from(request, 'latin1');
const without = (name: string) => boto3.filter((line) => !line.startsWith(`${name}:`));
const read = (request: string) => readPush(bytes(request), 0, bytes(request).length);

const bytesOf = (push: PushRequest | undefined) => push && push.headBytes + push.body.length;

describe('what SDKs send is read', () => {
  test.each([
    ['boto3', boto3],
    ['AWS SDK v3', sdk3],
    ['to many', toMany()],
    ['to many that a query selects', toMany('?principal=ada&olderThanSeconds=60')],
  ])('%s', (_, lines) => {
    const push = read(text(lines));
    expect(bytesOf(push)).toBe(text(lines).length);
    expect(push?.url).toBe(lines[0]!.split(' ')[1]);
    expect(push?.rawHeaders).toEqual(lines.slice(1).flatMap((line) => line.split(': ')));
    expect(push?.body.toString()).toBe(BODY);
    expect([push?.path, push?.query]).toEqual([
      push?.url.split('?')[0],
      push?.url.split('?')[1] ?? '',
    ]);
  });

  test('from anywhere in what was received, and no further than its end', () => {
    const first = text(boto3);
    const push = readPush(
      bytes(first + text(sdk3)),
      first.length,
      first.length + text(sdk3).length,
    );
    expect(push?.url).toContain('%40connections');
    expect(bytesOf(push)).toBe(text(sdk3).length);
  });

  test('more programs in turn than are remembered, each as the first time', () => {
    const programs = Array.from({ length: 20 }, (_, at) => [...boto3, `X-Program-${at}: yes`]);
    for (const lines of Array.from({ length: 20 }, () => programs).flat()) {
      expect(read(text(lines))?.rawHeaders).toEqual(
        lines.slice(1).flatMap((line) => line.split(': ')),
      );
    }
  });

  test('names with every sign that may stand in one, and no name that is merely like them', () => {
    const name = "a!#$%&'*+-.^_`|~9";
    const other = name.replace('.', 'x');
    // Often enough for each of them to be remembered.
    for (let time = 0; time < 40; time += 1) {
      for (const sent of [name, other]) {
        const lines = [...boto3, `${sent}: yes`];
        const rawHeaders = lines.slice(1).flatMap((line) => line.split(': '));
        expect(read(text(lines))?.rawHeaders).toEqual(rawHeaders);
      }
    }
  });

  test('32 headers; 33 are left to node:http', () => {
    const more = (count: number) => Array.from({ length: count }, (_, at) => `X-More-${at}: yes`);
    const own = boto3.length - 1;
    const most = [...boto3, ...more(32 - own)];
    expect(read(text(most))?.rawHeaders).toHaveLength(2 * 32);
    expect(read(text([...boto3, ...more(33 - own)]))).toBeUndefined();
  });

  test('two spaces in a value are one to whoever verifies, and two to everybody else', () => {
    const spaced = boto3.map((line) => line.replace('Boto3/1.26.27 ', 'Boto3/1.26.27  '));
    const { headers } = read(text(spaced))!;
    expect(headers['user-agent']).toContain('Boto3/1.26.27  Python');
    expect(headerValue(headers, 'user-agent')).toContain('Boto3/1.26.27 Python');
    expect(headerValue(headers, 'x-amz-date')).toBe('20261122T120000Z');
    expect(headerValue(headers, 'x-absent')).toBeUndefined();
  });

  test('those headers that are asked for by name', () => {
    const named = ['Referer: r', 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https'];
    const { headers } = read(text([...boto3, ...named]))!;
    expect(headers.host).toBe('127.0.0.1:4080');
    expect(headers.referer).toBe('r');
    expect(headers['x-forwarded-for']).toBe('192.0.2.1');
    expect(headers['x-forwarded-proto']).toBe('https');
    expect(read(text(boto3))!.headers.referer).toBeUndefined();
  });

  test('a body of 32768 bytes; one of 32769 is left to node:http', () => {
    const push = (size: number) =>
      read(text([...without('Content-Length'), `Content-Length: ${size}`], 'x'.repeat(size)));
    expect(push(32_768)?.body.length).toBe(32_768);
    expect(push(32_769)).toBeUndefined();
  });

  test('a head of 4096 bytes; one of 4097 is left to node:http', () => {
    const push = (size: number) => {
      const padding = size - text(boto3, '').length - 'X-P: '.length + '\r\n'.length;
      return read(text([...boto3, `X-P: ${'x'.repeat(padding)}`]));
    };
    expect(push(4096)).toBeDefined();
    expect(push(4097)).toBeUndefined();
  });
});

describe('left to node:http', () => {
  const replaced = (from: string, to: string) => text(boto3).replace(from, to);
  test.each([
    ['another method', replaced('POST', 'PUT')],
    ['a method in small letters', replaced('POST', 'post')],
    ['another version', replaced('HTTP/1.1', 'HTTP/1.0')],
    ['a query behind an id', replaced('%3D HTTP', '%3D?a=1 HTTP')],
    ['a query behind a slash', text(toMany('/?a=1'))],
    ['an empty query', text(toMany('?'))],
    ['a query with a question mark', text(toMany('?a=1?'))],
    ['a URL with a host', replaced('POST /', 'POST http://127.0.0.1/')],
    ['a space in the path', replaced('/@c', '/ @c')],
    ['a byte beyond ASCII in the path', replaced('/@c', '/\xe9/@c')],
    ['another path', replaced('@connections', 'connections')],
    ['two spaces', replaced('POST ', 'POST  ')],
    ['an empty line before it', `\r\n${text(boto3)}`],
    ['lines that end without a return', text(boto3).replaceAll('\r\n', '\n')],
    ['one line that ends without a return', replaced('\r\nX-Amz-Date', '\nX-Amz-Date')],
    ['a return within a line', replaced('identity', 'iden\rtity')],
    ['a folded header', replaced('identity', 'identity\r\n folded: yes')],
    ['a space before the colon', replaced('Accept-Encoding:', 'Accept-Encoding :')],
    ['a header without a name', replaced('Accept-Encoding', '')],
    ['a header without a colon', replaced('Accept-Encoding: identity', 'Accept-Encoding')],
    ['a tab before a value', replaced(': identity', ':\tidentity')],
    ['a control character in a value', replaced('identity', 'iden\x01tity')],
    ['a byte beyond ASCII in a value', replaced('identity', 'identit\xe9')],
    ['no host', text(without('Host'))],
    ['two hosts', text([...boto3, 'Host: other'])],
    ['no length', text(without('Content-Length'))],
    ['two lengths', text([...boto3, 'Content-Length: 16'])],
    ['a length with a sign', replaced('Length: 16', 'Length: +16')],
    ['a length with a zero before it', replaced('Length: 16', 'Length: 016')],
    ['a length in hexadecimal', replaced('Length: 16', 'Length: 0x10')],
    ['a length and more', replaced('Length: 16', 'Length: 16, 16')],
    ['chunks', text([...without('Content-Length'), 'Transfer-Encoding: chunked'])],
    ['a length and chunks', text([...boto3, 'Transfer-Encoding: chunked'])],
    ['an expectation', text([...boto3, 'Expect: 100-continue'])],
    ['an upgrade', text([...boto3, 'Connection: Upgrade', 'Upgrade: websocket'])],
    ['a connection that closes', text([...boto3, 'Connection: close'])],
    ['a page of a browser', text([...boto3, 'Sec-Fetch-Site: cross-site'])],
    ['no headers', `${boto3[0]}\r\n\r\n${' '.repeat(64)}`],
    ['a line end in the path', replaced('/@connections/', '/\r\n/@connections/')],
    ['a browser', text([...boto3, 'Origin: https://app.example'])],
    ['a repeated header', text([...boto3, 'Accept-Encoding: gzip'])],
    ['half a head', text(boto3).slice(0, 200)],
    ['half a body', text(boto3).slice(0, -1)],
    ['nothing', ''],
    ['a handshake', 'GET /production HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n'],
  ])('%s', (_, request) => {
    expect(read(request)).toBeUndefined();
  });
});

/**
 * The lane is a smaller set of what node:http reads, and reads it the same: else a request could be one
 * thing to whoever checks it and another to whoever serves it.
 */
describe('whatever is read, node:http reads alike', () => {
  interface Seen {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly rawHeaders: readonly string[];
    readonly body: string;
  }
  let server: Server;
  let seen: Seen[] = [];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method, url, rawHeaders } = request;
      seen.push({ method, url, rawHeaders, body: Buffer.concat(chunks).toString('latin1') });
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function nodeReads(request: Buffer): Promise<Seen | undefined> {
    seen = [];
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(request);
    // A reset is an end as well.
    await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    socket.destroy();
    return seen[0];
  }

  const noise = fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\r\n ',
      ':',
      ' ',
      '\t',
      '\0',
      ',',
      '%',
      '@',
      '/',
      '?',
      '#',
    ),
    fc.constantFrom(
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\n',
      'X-Y: z\r\n',
      'a:b\r\n',
    ),
    fc.constantFrom('a', 'Z', '0', '-', '_', '.'),
    fc.string({ unit: 'binary-ascii', maxLength: 3 }),
    fc.nat(255).map((byte) => String.fromCharCode(byte)),
  );
  const edit = fc.record({ at: fc.nat(1000), remove: fc.nat(3), insert: noise });

  /** Edits such requests at random. Returns how many were read then, and how many as like others. */
  async function holdTogether(requests: readonly string[], numRuns: number) {
    let count = 0;
    let repeated = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...requests),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        async (request, edits) => {
          let edited = request;
          for (const { at, remove, insert } of edits) {
            const from = at % edited.length;
            edited = edited.slice(0, from) + insert + edited.slice(from + remove);
          }
          const push = readPush(bytes(edited), 0, bytes(edited).length);
          if (!push) return;
          count += 1;
          if (!(push instanceof WholePush)) repeated += 1;
          const { method, url, rawHeaders, body } = push;
          const own = { method, url, rawHeaders, body: body.toString('latin1') };
          expect(await nodeReads(bytes(edited).subarray(0, bytesOf(push)))).toEqual(own);
        },
      ),
      { seed: 20_260_925, numRuns },
    );
    return { count, repeated };
  }

  test('after random edits of good requests, whether or not others like them were met', async () => {
    for (const lines of [() => boto3, () => sdk3, traced]) {
      for (let time = 10; time < 50; time += 1) learnFrom(read(text(lines(time)))!);
    }
    const requests = [boto3, sdk3, traced(50)].map((lines) => text(lines));
    const { count, repeated } = await holdTogether(requests, 2000);
    expect(count).toBeGreaterThan(200);
    expect(repeated).toBeGreaterThan(20);
  });

  test('after random edits of requests to many', async () => {
    const requests = [toMany(), toMany('?principal=ada')].map((lines) => text(lines));
    const { count } = await holdTogether(requests, 1000);
    expect(count).toBeGreaterThan(100);
  });
});
