import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpCaller } from '../../../src/backends/http-caller.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RawBackend } from './raw-backend.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let backend: RawBackend;
let clock: FakeClock;
let caller: HttpCaller;

beforeEach(async () => {
  backend = await RawBackend.start();
  backend.answers = [{ bytes: OK }];
  clock = new FakeClock();
  caller = new HttpCaller({ clock, connectionsPerOriginMax: 2 });
});
afterEach(async () => {
  await caller.stop();
  await backend.stop();
});

const terms = () => ({
  origin: backend.url,
  path: '/path?query',
  method: 'POST',
  headers: ['connectionId', 'a', 'X-Name', 'b'],
  body: Buffer.from('hello'),
  timeoutMillis: 1000,
  wantsBody: true,
});
const call = (options: Partial<Parameters<HttpCaller['call']>[0]> = {}) =>
  caller.call({ ...terms(), ...options });

const failure = (options: Parameters<typeof call>[0] = {}) =>
  call(options).then(
    () => 'answered',
    (error) => `${error.failure}: ${error.message}`,
  );

describe('a request', () => {
  test('is written as it was meant, the spelling of its headers kept', async () => {
    const answer = await call();
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '2' } });
    expect(answer.body.toString()).toBe('ok');
    const host = new URL(backend.url).host;
    expect(await backend.requests.next()).toBe(
      `POST /path?query HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n` +
        'connectionId: a\r\nX-Name: b\r\ncontent-length: 5\r\n\r\nhello',
    );
  });

  test('without a body says so where its method could have one', async () => {
    await call({ body: null });
    expect(await backend.requests.next()).toMatch(/\r\ncontent-length: 0\r\n\r\n$/);
    await call({ body: null, method: 'GET' });
    expect(await backend.requests.next()).not.toMatch(/content-length/);
  });

  test('has the Host that was given to it', async () => {
    await call({ headers: ['Host', 'api.example'] });
    const text = await backend.requests.next();
    expect(text.match(/host: .*/gi)).toEqual(['Host: api.example']);
  });

  test.each([
    ['a path with a line break', { path: '/a\r\nX: b' }],
    ['a path with a space', { path: '/a b' }],
    ['a path that is none', { path: 'a' }],
    ['a method with a space', { method: 'GET /x' }],
    ['a header value with a line break', { headers: ['X', 'a\r\nY: b'] }],
    ['a header value with a zero', { headers: ['X', 'a\0'] }],
    ['a header name with a colon', { headers: ['X: Y', 'a'] }],
    ['a length of its own', { headers: ['Content-Length', '7'] }],
    ['an encoding of its own', { headers: ['Transfer-Encoding', 'chunked'] }],
    ['a connection of its own', { headers: ['Connection', 'close'] }],
  ])('is not sent with %s', async (_, options) => {
    expect(await failure(options)).toMatch(/^garbled: invalid/);
    expect(backend.connections).toBe(0);
  });

  test('that nobody wants the answer of has none kept', async () => {
    expect((await call({ wantsBody: false })).body.length).toBe(0);
  });
});

describe('a connection', () => {
  test('carries one request after another', async () => {
    for (let times = 0; times < 5; times += 1) await call();
    expect(backend.connections).toBe(1);
  });

  test('is one of at most as many as set; others wait for theirs', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(backend.connections).toBe(2);
  });

  test('is not used again after an answer that closes it', async () => {
    backend.answers = [{ bytes: OK.replace('OK\r\n', 'OK\r\nConnection: close\r\n') }];
    await call();
    await call();
    expect(backend.connections).toBe(2);
  });

  test('is not used again after the time its backend keeps it', async () => {
    await call();
    clock.advance(3_999);
    await call();
    expect(backend.connections).toBe(1);
    clock.advance(4_000);
    await call();
    expect(backend.connections).toBe(2);
  });

  test('that says something unasked is closed, and nobody is answered by it', async () => {
    await call();
    backend.say('HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nevil');
    await expect.poll(() => backend.open).toBe(0);
    expect((await call()).status).toBe(200);
    expect(backend.connections).toBe(2);
  });

  test('that says something in the turn in which it is asked has not answered', async () => {
    await call();
    const other = await RawBackend.start();
    other.answers = [{ bytes: '' }];
    const first = caller.call({ ...terms(), origin: other.url });
    await other.requests.next();
    // What both say is read in one turn: the first answer makes the second call, which is not sent yet.
    const second = first.then(() => call());
    other.say(OK);
    backend.say('HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nevil');
    expect((await second).status).toBe(200);
    expect(backend.connections).toBe(2);
    await other.stop();
  });

  test('with more behind an answer is closed', async () => {
    backend.answers = [{ bytes: `${OK}${OK}` }, { bytes: OK }];
    expect((await call()).body.toString()).toBe('ok');
    await call();
    expect(backend.connections).toBe(2);
  });

  test('closed by an idle backend is not the next call’s failure', async () => {
    backend.answers = [{ bytes: OK, after: 'end' }, { bytes: OK }];
    await call();
    await expect.poll(() => backend.open).toBe(0);
    expect((await call()).status).toBe(200);
  });
});

describe('a request for a connection that the backend closes in the same turn', () => {
  /** In a turn of its own, whose end is when the request would go: what is closed is read before. */
  const atOnce = <Result>(work: () => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      setImmediate(() => work().then(resolve, reject));
    });

  test('was not sent, and takes another one', async () => {
    for (let time = 0; time < 20; time += 1) {
      await call();
      const answer = await atOnce(() => {
        backend.end();
        return call();
      });
      expect(answer.status).toBe(200);
    }
    expect(backend.connections).toBeGreaterThan(1);
  });

  test('ends with the caller', async () => {
    await call();
    const failed = await atOnce(() => {
      const result = failure();
      void caller.stop();
      return result;
    });
    expect(failed).toMatch(/^unreachable/);
    await caller.stop();
  });
});

describe('what goes wrong', () => {
  test('nobody listens', async () => {
    await backend.stop();
    expect(await failure()).toMatch(/^unreachable: .*ECONNREFUSED/);
  });

  test('the backend closes before, and in the middle of, its answer', async () => {
    backend.answers = [{ bytes: '', after: 'end' }];
    expect(await failure()).toBe('unreachable: other side closed');
    backend.answers = [{ bytes: OK.slice(0, -1), after: 'end' }];
    expect(await failure()).toBe('unreachable: other side closed');
    backend.answers = [{ bytes: OK.slice(0, 20), after: 'reset' }];
    expect(await failure()).toMatch(/^unreachable/);
  });

  test('the answer is no HTTP', async () => {
    backend.answers = [{ bytes: 'SSH-2.0-OpenSSH\r\n\r\n' }];
    expect(await failure()).toMatch(/^garbled/);
    await expect.poll(() => backend.open).toBe(0);
  });

  test('no answer in time: the connection is closed, and the next call has another', async () => {
    backend.answers = [{ bytes: '' }, { bytes: OK }];
    const late = failure();
    await backend.requests.next();
    clock.advance(1000);
    expect(await late).toBe('timeout: no answer within 1000 ms');
    expect((await call()).status).toBe(200);
    expect(backend.connections).toBe(2);
  });

  test('no answer in time: each call has its own time, whatever others have', async () => {
    backend.answers = [{ bytes: '' }];
    await caller.stop();
    caller = new HttpCaller({ clock, connectionsPerOriginMax: 10 });
    const ends: string[] = [];
    const begin = (name: string, timeoutMillis: number) =>
      call({ timeoutMillis }).catch((error: Error) => ends.push(`${name}: ${error.message}`));
    const calls = [begin('first', 1000), begin('short', 300)];
    clock.advance(400);
    calls.push(begin('second', 1000), begin('late', 700));
    await calls[1];
    expect(ends).toEqual(['short: no answer within 300 ms']);
    clock.advance(599);
    expect(ends.length).toBe(1);
    clock.advance(1);
    await calls[0];
    clock.advance(399);
    await calls[3];
    expect(ends.slice(1)).toEqual([
      'first: no answer within 1000 ms',
      'late: no answer within 700 ms',
    ]);
    clock.advance(1);
    await Promise.all(calls);
    expect(ends.at(-1)).toBe('second: no answer within 1000 ms');
  });

  test('no connection is free in time: the call is never sent', async () => {
    backend.answers = [{ bytes: '' }];
    const taken = [failure({ timeoutMillis: 5000 }), failure({ timeoutMillis: 5000 })];
    await backend.requests.next();
    await backend.requests.next();
    const waiting = failure();
    clock.advance(1000);
    expect(await waiting).toBe('timeout: no answer within 1000 ms');
    clock.advance(4000);
    await Promise.all(taken);
    expect(backend.requests.size).toBe(0);
  });

  test('an answer of 10 MB is read, one byte more is too large', async () => {
    const bytes = 10 * 1024 * 1024;
    const answer = (size: number) =>
      `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`;
    backend.answers = [{ bytes: answer(bytes) }];
    expect((await call()).body.length).toBe(bytes);
    backend.answers = [{ bytes: answer(bytes + 1) }];
    expect(await failure()).toBe(`tooLarge: the answer exceeds ${bytes} bytes`);
  });

  test('the gateway stops', async () => {
    backend.answers = [{ bytes: '' }];
    const cut = failure();
    await backend.requests.next();
    await caller.stop();
    expect(await cut).toBe('unreachable: other side closed');
    await expect.poll(() => backend.open).toBe(0);
  });
});
