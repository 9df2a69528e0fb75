import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { clientFrame, rawConnect } from '../support/raw-client.ts';
import { connect } from '../support/test-socket.ts';
import { idOf, push, useBench } from './support.ts';

const bench = useBench();
const OFFER = 'Sec-WebSocket-Extensions: permessage-deflate';
const compressedApi = () => bench.api({ permessageDeflate: true });
const received = async () => (await bench.backend.requests('/message').next()).text;

/** A message's compressed form: deflated, without the empty block at its end (RFC 7692, 7.2.1). */
const deflated = (data: string | Buffer) =>
  deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

describe('permessageDeflate', () => {
  test('is agreed on with a client that offers it, and messages pass both ways', async () => {
    const api = await compressedApi();
    const socket = await connect(api.wsUrl, { offersDeflate: true });
    expect(socket.socket.extensions).toBe('permessage-deflate');
    expect(socket.headers['sec-websocket-extensions']).toContain('server_no_context_takeover');
    const id = await idOf(bench, socket);
    const long = 'a long message '.repeat(1000);
    socket.send(long);
    expect(await received()).toBe(long);
    expect(await push(api, id, 'pushed '.repeat(10_000))).toBe(200);
    expect(await socket.next()).toBe('pushed '.repeat(10_000));
    expect(await push(api, id, 'short')).toBe(200);
    expect(await socket.next()).toBe('short');
  });

  test('a client that does not offer it is served as ever', async () => {
    const socket = await connect((await compressedApi()).wsUrl);
    expect(socket.headers).not.toHaveProperty('sec-websocket-extensions');
    socket.send('plain');
    expect(await received()).toBe('plain');
  });

  test('without the setting the offer is declined by silence, as on AWS', async () => {
    const socket = await connect((await bench.api({})).wsUrl, { offersDeflate: true });
    expect(socket.headers).not.toHaveProperty('sec-websocket-extensions');
    socket.send('plain '.repeat(1000));
    expect(await received()).toBe('plain '.repeat(1000));
  });

  test.each([
    ['another extension', 'x-webkit-deflate-frame'],
    ['a parameter nobody knows', 'permessage-deflate; colour=red'],
    ['a window smaller than ours', 'permessage-deflate; server_max_window_bits=9'],
    ['a header that is none', 'permessage-deflate; =;;'],
  ])('%s is declined, and the client let in', async (_, header) => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [`Sec-WebSocket-Extensions: ${header}`]);
    expect(client.head).toContain('101');
    expect(client.head.toLowerCase()).not.toContain('sec-websocket-extensions');
    client.socket.write(clientFrame('plain'));
    expect(await received()).toBe('plain');
    client.socket.destroy();
  });

  test('what is long is compressed, what is short is not', async () => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [OFFER]);
    expect(client.head).toContain('sec-websocket-extensions: permessage-deflate;');
    const id = await idOf(bench, { send: (text) => client.socket.write(clientFrame(text)) });
    await push(api, id, 'x'.repeat(1023));
    expect(await client.frames.next()).toMatchObject({ rsv1: false, fin: true });
    await push(api, id, 'x'.repeat(1024));
    const { rsv1, payload } = await client.frames.next();
    expect(rsv1).toBe(true);
    expect(payload.length).toBeLessThan(100);
    const inflated = inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
    expect(inflated.toString()).toBe('x'.repeat(1024));
    client.socket.destroy();
  });

  test('the limit of a message counts it inflated: at the limit, and one past it', async () => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [OFFER]);
    client.socket.write(clientFrame(deflated('x'.repeat(131_072)), { rsv1: true }));
    expect((await received()).length).toBe(131_072);
    client.socket.write(clientFrame(deflated('x'.repeat(131_073)), { rsv1: true }));
    const { opcode, payload } = await client.frames.next();
    expect([opcode, payload.readUInt16BE(), payload.toString('utf8', 2)]).toEqual([
      8,
      1009,
      'Message too long',
    ]);
    client.socket.destroy();
    expect(await bench.disconnect()).toEqual({ code: '1009', reason: 'Message too long' });
  });

  test('a message at the limit may grow a little by being compressed', async () => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [OFFER]);
    const text = randomBytes(98_304).toString('base64');
    expect(text.length).toBe(131_072);
    const stored = deflateRawSync(text, { level: 0, finishFlush: constants.Z_SYNC_FLUSH });
    const whole = stored.subarray(0, -4);
    expect(whole.length).toBeGreaterThan(131_072);
    for (let at = 0; at < whole.length; at += 32_768) {
      const fin = at + 32_768 >= whole.length;
      const first = at === 0;
      const piece = whole.subarray(at, at + 32_768);
      client.socket.write(clientFrame(piece, { fin, rsv1: first, opcode: first ? 1 : 0 }));
    }
    expect(await received()).toBe(text);
    client.socket.destroy();
  });

  test('the limit of a frame counts it as sent', async () => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [OFFER]);
    client.socket.write(clientFrame(deflated('x'.repeat(100_000)), { rsv1: true }));
    expect((await received()).length).toBe(100_000);
    const noise = deflated(randomBytes(32_769).toString('latin1'));
    client.socket.write(clientFrame(noise, { rsv1: true }));
    const { payload } = await client.frames.next();
    expect(payload.readUInt16BE()).toBe(1009);
    client.socket.destroy();
  });

  test('few bytes that would become many are not inflated: 1009', async () => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [OFFER]);
    const bomb = deflated(Buffer.alloc(32 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(32_768);
    client.socket.write(clientFrame(bomb, { rsv1: true }));
    const { payload } = await client.frames.next();
    expect(payload.readUInt16BE()).toBe(1009);
    expect(payload.toString('utf8', 2)).toBe('Message too long');
    client.socket.destroy();
    expect(await bench.disconnect()).toEqual({ code: '1009', reason: 'Message too long' });
  });

  test('bytes that are not compressed, though they say so: 1007', async () => {
    const api = await compressedApi();
    const client = await rawConnect(api.wsUrl, [OFFER]);
    client.socket.write(clientFrame(Buffer.alloc(100, 0xff), { rsv1: true }));
    expect((await client.frames.next()).payload.readUInt16BE()).toBe(1007);
    client.socket.destroy();
    expect((await bench.disconnect()).code).toBe('1007');
  });

  test('a compressed frame without the setting breaks the protocol: 1002', async () => {
    const client = await rawConnect((await bench.api({})).wsUrl, [OFFER]);
    client.socket.write(clientFrame(deflated('x'), { rsv1: true }));
    expect((await client.frames.next()).payload.readUInt16BE()).toBe(1002);
    client.socket.destroy();
  });
});
