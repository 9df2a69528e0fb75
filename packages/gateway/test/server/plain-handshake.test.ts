import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHandshake } from '../../src/server/plain-handshake.ts';

const chrome = [
  'GET /production?token=eyJhbGciOi.J9&x=a%20b?c HTTP/1.1',
  'Host: 127.0.0.1:4080',
  'Connection: Upgrade',
  'Pragma: no-cache',
  'Cache-Control: no-cache',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Upgrade: websocket',
  'Origin: http://127.0.0.1:8000',
  'Sec-WebSocket-Version: 13',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-US,en;q=0.9',
  'Cookie: session=0123456789abcdef; theme=dark',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
];
const firefox = [
  'GET /production HTTP/1.1',
  'Host: localhost:4080',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Accept: */*',
  'Accept-Language: en-US,en;q=0.5',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Sec-WebSocket-Version: 13',
  'Origin: http://localhost:8000',
  'Sec-WebSocket-Extensions: permessage-deflate',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Connection: keep-alive, Upgrade',
  'Sec-Fetch-Dest: empty',
  'Sec-Fetch-Mode: websocket',
  'Sec-Fetch-Site: same-site',
  'Pragma: no-cache',
  'Cache-Control: no-cache',
  'Upgrade: websocket',
];
const ws = [
  'GET /abcdefghij/production HTTP/1.1',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Authorization: Bearer 0123456789',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
  'Host: 127.0.0.1:4080',
];
const python = [
  'GET /production HTTP/1.1',
  'Upgrade: websocket',
  'Host: 127.0.0.1:4080',
  'Origin: http://127.0.0.1:4080',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Connection: Upgrade',
  'X-Forwarded-For: 192.0.2.7, 10.0.0.1',
  'X-Forwarded-Proto: https',
  'Referer: https://app.example/page',
];
const clients = { chrome, firefox, ws, python };

const text = (lines: readonly string[], early = '') => `${lines.join('\r\n')}\r\n\r\n${early}`;
const bytes = (request: string) => Buffer.from(request, 'latin1');
const read = (request: string) => readHandshake(bytes(request), 0, bytes(request).length);
const without = (name: string) => chrome.filter((line) => !line.startsWith(`${name}:`));

/** Those the gateway asks for by name. */
const NAMES = [
  ...['connection', 'content-length', 'host', 'origin', 'referer', 'sec-websocket-extensions'],
  ...['sec-websocket-key', 'sec-websocket-version', 'transfer-encoding', 'upgrade', 'user-agent'],
  ...['x-forwarded-for', 'x-forwarded-proto'],
] as const;

describe('what clients send is read', () => {
  test.each(Object.entries(clients))('%s', (_, lines) => {
    const found = read(text(lines));
    expect(found?.end).toBe(text(lines).length);
    expect(found?.request.url).toBe(lines[0]!.split(' ')[1]);
    expect(found?.request.rawHeaders).toEqual(
      lines.slice(1).flatMap((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
  });

  test('from anywhere in what was received, and no further than its end', () => {
    const before = 'POST / HTTP/1.1\r\n\r\n';
    const all = bytes(before + text(ws, 'a frame'));
    expect(readHandshake(all, before.length, all.length)?.end).toBe((before + text(ws)).length);
    const isWhole = before.length + text(ws).length;
    expect(readHandshake(all, before.length, isWhole)).toBeDefined();
    expect(readHandshake(all, before.length, isWhole - 1)).toBeUndefined();
  });

  test('a head of 8192 bytes; one of 8193 is left to node:http', () => {
    const handshake = (size: number) => {
      const padding = size - text(chrome).length - 'X-P: '.length + '\r\n'.length;
      return read(text([...chrome, `X-P: ${'x'.repeat(padding)}`]));
    };
    expect(handshake(8192)).toBeDefined();
    expect(handshake(8193)).toBeUndefined();
  });
});

describe('left to node:http', () => {
  const replaced = (from: string, to: string) => text(chrome).replace(from, to);
  test.each([
    ['another method', replaced('GET', 'PUT')],
    ['a method in small letters', replaced('GET', 'get')],
    ['another version', replaced('HTTP/1.1', 'HTTP/1.0')],
    ['a fragment', replaced('?token', '#token')],
    ['a URL with a host', replaced('GET /', 'GET http://127.0.0.1/')],
    ['a space in the path', replaced('/pro', '/ pro')],
    ['a byte beyond ASCII in the path', replaced('/pro', '/\xe9pro')],
    ['two spaces', replaced('GET ', 'GET  ')],
    ['an empty line before it', `\r\n${text(chrome)}`],
    ['lines that end without a return', text(chrome).replaceAll('\r\n', '\n')],
    ['one line that ends without a return', replaced('\r\nPragma', '\nPragma')],
    ['a return within a line', replaced('no-cache', 'no-\rcache')],
    ['a folded header', replaced('no-cache', 'no-cache\r\n folded: yes')],
    ['a space before the colon', replaced('Pragma:', 'Pragma :')],
    ['a header without a name', replaced('Pragma', '')],
    ['a header without a colon', replaced('Pragma: no-cache', 'Pragma')],
    ['a header without a value', replaced('Pragma: no-cache', 'Pragma: ')],
    ['a header without a space', replaced('Pragma: no-cache', 'Pragma:no-cache')],
    ['a tab before a value', replaced(': no-cache', ':\tno-cache')],
    ['a control character in a value', replaced('no-cache', 'no-\x01cache')],
    ['a byte beyond ASCII in a value', replaced('no-cache', 'no-cach\xe9')],
    ['no host', text(without('Host'))],
    ['two hosts', text([...chrome, 'Host: other'])],
    ['two keys', text([...chrome, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='])],
    ['two cookies', text([...chrome, 'cookie: a=b'])],
    ['a body', text([...chrome, 'Content-Length: 2'], 'ab')],
    ['no body, and said so', text([...chrome, 'Content-Length: 0'])],
    ['chunks', text([...chrome, 'Transfer-Encoding: chunked'])],
    ['an expectation', text([...chrome, 'Expect: 100-continue'])],
    ['a name that is no name', text([...chrome, '__proto__: a'])],
    ['a connection that closes', replaced('Connection: Upgrade', 'Connection: Upgrade, close')],
    ['another way to say so', replaced('Connection: Upgrade', 'Connection: Upgrade, keep-alive')],
    ['no upgrade', text(without('Upgrade'))],
    ['another upgrade', replaced('Upgrade: websocket', 'Upgrade: h2c')],
    ['two upgrades', replaced('Upgrade: websocket', 'Upgrade: websocket, h2c')],
    ['no connection', text(without('Connection'))],
    ['half a head', text(chrome).slice(0, 200)],
    ['nothing', ''],
    ['a push', `POST /p/@connections/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nabcdefgh`],
  ])('%s', (_, request) => {
    expect(read(request)).toBeUndefined();
  });
});

/**
 * The lane is a smaller set of what node:http takes for a handshake, and reads it the same: else it could
 * be one thing to whoever checks it and another to whoever is told of it.
 */
describe('whatever is read, node:http reads alike', () => {
  interface Seen {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly httpVersion: string;
    readonly rawHeaders: readonly string[];
    readonly known: readonly unknown[];
    readonly early: string;
  }
  let server: Server;
  let seen: Seen | 'no handshake' | undefined;
  beforeAll(async () => {
    server = createServer((_, response) => {
      seen = 'no handshake';
      response.end();
    });
    server.on('upgrade', (request, socket: Socket, head: Buffer) => {
      const { method, url, httpVersion, rawHeaders, headers } = request;
      const known = NAMES.map((name) => headers[name]);
      seen = { method, url, httpVersion, rawHeaders, known, early: head.toString('latin1') };
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function nodeReads(request: Buffer): Promise<typeof seen> {
    seen = undefined;
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(request);
    // A reset is an end as well.
    await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    socket.destroy();
    return seen;
  }

  function own(request: Buffer): Seen | undefined {
    const found = readHandshake(request, 0, request.length);
    if (!found) return undefined;
    const { method, url, httpVersion, rawHeaders, headers } = found.request;
    const known = NAMES.map((name) => headers[name]);
    const early = request.subarray(found.end).toString('latin1');
    return { method, url, httpVersion, rawHeaders, known, early };
  }

  test.each(Object.entries(clients))('%s', async (_, lines) => {
    for (const early of ['', '\x81\x85\0\0\0\0hello', 'GET / HTTP/1.1\r\n\r\n']) {
      const request = bytes(text(lines, early));
      expect(own(request)).toBeDefined();
      expect(await nodeReads(request)).toEqual(own(request));
    }
  });

  const noise = fc.oneof(
    fc.constantFrom('\r', '\n', '\r\n', '\r\n ', ':', ' ', '\t', '\0', ',', '%', '/', '?', '#'),
    fc.constantFrom(
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\n',
      'Connection: close\r\n',
      'Upgrade: h2c\r\n',
      'X-Y: z\r\n',
      'a:b\r\n',
      'Set-Cookie: a\r\n',
      'close, ',
      'keep-alive, ',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 3 }),
    fc.nat(255).map((byte) => String.fromCharCode(byte)),
  );
  const edit = fc.record({ at: fc.nat(1000), remove: fc.nat(3), insert: noise });

  test('after random edits of good handshakes', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.values(clients).map((lines) => text(lines))),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        async (request, edits) => {
          let edited = request;
          for (const { at, remove, insert } of edits) {
            const from = at % edited.length;
            edited = edited.slice(0, from) + insert + edited.slice(from + remove);
          }
          const handshake = own(bytes(edited));
          if (!handshake) return;
          count += 1;
          expect(await nodeReads(bytes(edited))).toEqual(handshake);
        },
      ),
      { seed: 20_261_128, numRuns: 2000 },
    );
    expect(count).toBeGreaterThan(200);
  });
});
