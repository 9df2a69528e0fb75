import fc from 'fast-check';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ResponseReader } from '../../../src/backends/http/response-reader.ts';
import { RawBackend } from './raw-backend.ts';

interface Read {
  status?: number;
  headers?: Record<string, unknown>;
  body: string;
  keepAliveSeconds?: number;
  error?: string;
}

function readerInto(result: () => Read): ResponseReader {
  return new ResponseReader({
    head(status, headers) {
      result().status = status;
      result().headers = { ...headers };
    },
    data: (bytes, start, end) => {
      result().body += bytes.toString('latin1', start, end);
    },
    end: (seconds) => {
      result().keepAliveSeconds = seconds;
    },
  });
}

/** What a reader makes of bytes that arrive in these pieces, and of the end behind them. */
function read(pieces: readonly Buffer[], { isHead = false, ends = false } = {}): Read {
  const result: Read = { body: '' };
  const reader = readerInto(() => result);
  reader.begin(isHead);
  try {
    for (const piece of pieces) {
      if (result.keepAliveSeconds === undefined) reader.push(piece);
    }
    if (ends && result.keepAliveSeconds === undefined) reader.finish();
  } catch (error) {
    result.error = (error as Error).message;
  }
  return result;
}

const whole = (text: string, options = {}) => read([Buffer.from(text, 'latin1')], options);
const ok = 'HTTP/1.1 200 OK\r\n';

/** Read alike by undici, whose parser is Node's own. */
const answers = {
  'a length': `${ok}Content-Length: 5\r\n\r\nhello`,
  'a length of nothing': `${ok}Content-Length: 0\r\n\r\n`,
  chunks: `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;name="value"\r\n!\r\n0\r\n\r\n`,
  'chunks in capitals': `${ok}transfer-encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`,
  trailers: `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n`,
  'no reason': 'HTTP/1.1 204\r\n\r\n',
  'no content, whatever its length says': 'HTTP/1.1 204 No Content\r\n\r\n',
  'repeated headers': `${ok}Set-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n`,
  'spaces before a value': `${ok}X-Padded: \t value\r\nContent-Length: 0\r\n\r\n`,
  'an empty value': `${ok}X-Empty:\r\nContent-Length: 0\r\n\r\n`,
  'bytes beyond ASCII': `${ok}X-Name: caf\xe9\r\nContent-Length: 1\r\n\r\n\xff`,
  'an error status': 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy',
  'until it closes': `${ok}\r\nhello until the end`,
  'HTTP/1.0, until it closes': 'HTTP/1.0 200 OK\r\n\r\nold',
  'closing, with a length': `${ok}Connection: close\r\nContent-Length: 2\r\n\r\nhi`,
  'a name like a member of every object': `${ok}__proto__: x\r\nconstructor: y\r\nContent-Length: 0\r\n\r\n`,
};

/** Refused by undici as well. */
const garbage = {
  'no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a header without a colon': `${ok}Nonsense\r\n\r\n`,
  'a space before the colon': `${ok}Content-Length : 5\r\n\r\nhello`,
  'a header without a name': `${ok}: value\r\n\r\n`,
  'a zero in a value': `${ok}X: a\0b\r\nContent-Length: 0\r\n\r\n`,
  'a folded header': `${ok}X: a\r\n b: c\r\nContent-Length: 0\r\n\r\n`,
  'two lengths': `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
  'a length and chunks': `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a negative length': `${ok}Content-Length: -1\r\n\r\n`,
  'a length with a sign': `${ok}Content-Length: +5\r\n\r\nhello`,
  'a length in hexadecimal': `${ok}Content-Length: 0x5\r\n\r\nhello`,
  'a chunk without a size': `${ok}Transfer-Encoding: chunked\r\n\r\nhello\r\n0\r\n\r\n`,
  'a chunk that is longer than it says': `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`,
  'a head of more than 16 KB': `${ok}X: ${'x'.repeat(17_000)}\r\nContent-Length: 0\r\n\r\n`,
  'another protocol':
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
};

describe('every answer is read as Node.js reads it', () => {
  let backend: RawBackend;
  const agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  beforeAll(async () => {
    backend = await RawBackend.start();
  });
  afterAll(async () => {
    await agent.destroy();
    await backend.stop();
  });

  async function undiciReads(text: string): Promise<Read> {
    backend.answers = [{ bytes: text, after: 'end' }];
    try {
      const { statusCode, headers, body } = await agent.request({
        origin: backend.url,
        path: '/',
        method: 'GET',
        reset: true,
      });
      const bytes = Buffer.from(await body.arrayBuffer());
      return { status: statusCode, headers: { ...headers }, body: bytes.toString('latin1') };
    } catch (error) {
      return { body: '', error: (error as Error).message };
    }
  }

  test.each(Object.entries(answers))('%s', async (_, text) => {
    const { keepAliveSeconds: _seconds, ...ours } = whole(text, { ends: true });
    expect(ours).toEqual(await undiciReads(text));
    expect(ours.error).toBeUndefined();
  });

  test.each(Object.entries(garbage))('not at all: %s', async (_, text) => {
    expect((await undiciReads(text)).error).toBeDefined();
    expect(whole(text, { ends: true }).error).toBeDefined();
  });
});

describe('stricter than Node.js, where two readers could differ', () => {
  test.each([
    ['two encodings', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['an encoding it does not know', `${ok}Transfer-Encoding: gzip\r\n\r\nx`],
    ['the same length twice', `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['lines that end without a return', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ])('%s', (_, text) => {
    expect(whole(text, { ends: true }).error).toBeDefined();
  });
});

test('however its bytes are cut, an answer is the same', () => {
  const texts = [...Object.values(answers), ...Object.values(garbage)];
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(fc.nat(400), { maxLength: 12 }),
      (text, cuts) => {
        const bytes = Buffer.from(text, 'latin1');
        const at = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])];
        at.sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const cut = read(pieces, { ends: true });
        const uncut = whole(text, { ends: true });
        // What was handed on before an error depends on when the error could be seen.
        if (uncut.error === undefined) expect(cut).toEqual(uncut);
        else expect(cut.error).toBeDefined();
      },
    ),
    { seed: 20_260_925, numRuns: 2000 },
  );
});

/** Heads that differ in their digits alone, some of them in vain. */
const sameButItsLength = fc
  .record({
    digits: fc.constantFrom('0', '0', '3', '5', '005', '12', '+5', '5 ', '', '000000000000005'),
    status: fc.constantFrom('200 OK', '204 No Content'),
    behind: fc.constantFrom('', '\r\nX-Two: 2', '\r\nConnection: keep-alive'),
    cut: fc.constantFrom(0, 0, 0, 1),
  })
  .map(({ digits, status, behind, cut }) => {
    const head = `HTTP/1.1 ${status}\r\nX-One: 1\r\nContent-Length: ${digits}${behind}\r\n\r\n`;
    return head + 'x'.repeat(Number(digits) || 0).slice(cut);
  });

test('whatever was read before on its connection, an answer is the same', () => {
  const texts = Object.values(answers);
  const choice = fc.record({
    text: fc.oneof(fc.constantFrom(...texts), { weight: 3, arbitrary: sameButItsLength }),
    isHead: fc.constantFrom(false, false, false, true),
  });
  fc.assert(
    fc.property(fc.array(choice, { minLength: 2, maxLength: 8 }), (choices) => {
      let result: Read = { body: '' };
      const reader = readerInto(() => result);
      const memory = Buffer.alloc(1024);
      for (const { text, isHead } of choices) {
        const alone = whole(text, { isHead });
        // A connection ends with an answer that is wrong, or does not say where it ends.
        const isLast = !alone.keepAliveSeconds;
        result = { body: '' };
        reader.begin(isHead);
        // As from a socket: behind what was read is what was read before.
        const bytes = Buffer.from(text, 'latin1');
        bytes.copy(memory);
        try {
          reader.push(memory, bytes.length);
        } catch (error) {
          result.error = (error as Error).message;
        }
        expect(result).toEqual(alone);
        if (isLast) break;
      }
    }),
    { seed: 20_261_128, numRuns: 2000 },
  );
});

test('random bytes are never read as an answer, and never more than an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(read([Buffer.from(bytes)], { ends: true }).error).toBeDefined();
    }),
    { seed: 20_260_925, numRuns: 500 },
  );
});

describe('how long a connection may wait for its next request', () => {
  test.each([
    [4, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [0, 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
    [0, 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [4, 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n'],
    [4, 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n'],
    [25, 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3600, max=100\r\nContent-Length: 0\r\n\r\n'],
    [0, 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'],
    [0, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more that nobody asked for'],
  ])('%i s: %j', (seconds, text) => {
    expect(whole(text).keepAliveSeconds).toBe(seconds);
  });
});

test('interim answers announce the real one', () => {
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n';
  const answer = whole(`${interim}${ok}Content-Length: 2\r\n\r\nhi`);
  expect(answer).toMatchObject({ status: 200, body: 'hi', headers: { 'content-length': '2' } });
});

describe('without a body', () => {
  test('304, whose length is that of what was not sent (RFC 9110, section 8.6)', () => {
    const answer = whole('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n');
    expect(answer).toMatchObject({ status: 304, body: '', keepAliveSeconds: 4 });
  });

  test('the answer to HEAD, whatever its length says', () => {
    const head = whole(`${ok}Content-Length: 5\r\n\r\n`, { isHead: true });
    expect(head).toMatchObject({ status: 200, body: '', keepAliveSeconds: 4 });
  });
});

test('a head of 16384 bytes is read, one of 16385 is an error', () => {
  const head = (bytes: number) => {
    const start = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ';
    return `${start}${'x'.repeat(bytes - start.length)}\r\n\r\n`;
  };
  expect(whole(head(16_384)).error).toBeUndefined();
  expect(whole(head(16_385)).error).toMatch('exceeds 16384 bytes');
});
