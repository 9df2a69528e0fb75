import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import type { Talk } from '../src/subjects/subject.mjs';
import { AcknowledgementReader, AcknowledgementWriter } from '../src/wire/acknowledgements.mjs';
import { AnswerReader } from '../src/wire/answers.mjs';
import { encodeFrame, FrameReader, OPCODE } from '../src/wire/frames.mjs';
import { HttpMessageReader } from '../src/wire/http-messages.mjs';
import { assertLoopback } from '../src/wire/loopback.mjs';
import { decodeSlot, encodePayload, PAYLOAD_BYTES } from '../src/wire/payload.mjs';
import { preparePushRequests, pushHeaders } from '../src/wire/push-request.mjs';
import { createSigner } from '../src/wire/sigv4.mjs';
import {
  acceptance,
  isEvents,
  isOpening,
  messages,
  textsIn,
} from '../src/wire/websocket-events.mjs';

const credentials = {
  accessKeyId: 'AKIAPOSTERNBENCH0001',
  secretAccessKey: 'bench-secret',
  region: 'us-east-1',
  service: 'execute-api',
};

/** Hands a reader the same bytes whole, byte by byte, and cut in two. */
function chunkings(bytes: Buffer): Buffer[][] {
  const middle = bytes.length >> 1;
  return [
    [bytes],
    Array.from(bytes, (byte) => Buffer.from([byte])),
    [bytes.subarray(0, middle), bytes.subarray(middle)],
  ];
}

const talk: Talk = {
  socketPath: '/production',
  pushPath: '/production/@connections/{id}',
  pushPort: null,
  pushBody: 'raw',
  success: 'HTTP/1.1 200 ',
  tellsIds: true,
  verifies: true,
};

describe('loopback', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1'])('%s is accepted', (host) => {
    expect(() => assertLoopback(host)).not.toThrow();
  });

  test.each(['localhost', '192.168.1.5', '0.0.0.0', '127.evil.example', '1.127.0.0', ''])(
    '"%s" is refused',
    (host) => {
      expect(() => assertLoopback(host)).toThrow('only talks to loopback');
      const target = { host, port: 80, talk, connectionIds: ['a'], credentials: null };
      expect(() => preparePushRequests(target, 1, new Date())).toThrow('only talks to loopback');
    },
  );
});

describe('payloads', () => {
  test('every payload is JSON of exactly 100 bytes and gives its slot back', () => {
    for (const slot of [0, 7, 4095, 99_999_999]) {
      const payload = encodePayload('push', slot);
      expect(payload.length).toBe(PAYLOAD_BYTES);
      expect(JSON.parse(payload.toString())).toMatchObject({ action: 'push' });
      expect(decodeSlot(payload, 0, payload.length, 'push')).toBe(slot);
    }
  });

  test('another action, another length or other bytes give no slot', () => {
    const payload = encodePayload('ping', 12);
    expect(decodeSlot(payload, 0, payload.length, 'push')).toBe(-1);
    expect(decodeSlot(payload, 0, payload.length - 1, 'ping')).toBe(-1);
    expect(decodeSlot(Buffer.alloc(PAYLOAD_BYTES), 0, PAYLOAD_BYTES, 'ping')).toBe(-1);
  });
});

describe('frames', () => {
  test('a client frame is final, masked, and unmasks to its payload', () => {
    for (const length of [0, 5, 125, 126, 65_535]) {
      const payload = Buffer.alloc(length, 'abcdefg');
      const frame = encodeFrame(OPCODE.text, payload);
      const head = length > 125 ? 4 : 2;
      expect(frame[0]).toBe(0x81);
      expect(frame[1]).toBe(0x80 | (length > 125 ? 126 : length));
      const mask = frame.subarray(head, head + 4);
      const body = frame.subarray(head + 4).map((byte, index) => byte ^ (mask[index & 3] ?? 0));
      expect(Buffer.compare(body, payload)).toBe(0);
    }
    expect(() => encodeFrame(OPCODE.text, Buffer.alloc(65_536))).toThrow(RangeError);
  });

  test('server frames are found however the stream is cut', () => {
    const long = Buffer.alloc(300, 'z');
    const stream = Buffer.concat([
      Buffer.from([0x81, 2]),
      Buffer.from('hi'),
      Buffer.from([0x89, 0]),
      Buffer.from([0x81, 126, 1, 44]),
      long,
    ]);
    for (const chunks of chunkings(stream)) {
      const seen: [number, string][] = [];
      const reader = new FrameReader((opcode, bytes, start, end) => {
        seen.push([opcode, bytes.toString('latin1', start, end)]);
      });
      for (const chunk of chunks) reader.push(chunk);
      expect(seen).toEqual([
        [OPCODE.text, 'hi'],
        [OPCODE.ping, ''],
        [OPCODE.text, long.toString()],
      ]);
    }
  });

  test('a message in fragments is one, with a ping between them or not', () => {
    const stream = Buffer.from('\x01\x02he\x89\x00\x00\x01l\x80\x02lo\x81\x01!', 'latin1');
    for (const chunks of chunkings(stream)) {
      const seen: [number, string][] = [];
      const reader = new FrameReader((opcode, bytes, start, end) => {
        seen.push([opcode, bytes.toString('latin1', start, end)]);
      });
      for (const chunk of chunks) reader.push(chunk);
      expect(seen).toEqual([
        [OPCODE.ping, ''],
        [OPCODE.text, 'hello'],
        [OPCODE.text, '!'],
      ]);
    }
  });

  test('compressed, masked and huge server frames are faults', () => {
    for (const head of [
      [0xc1, 1],
      [0x81, 0x81],
      [0x81, 127],
    ]) {
      const reader = new FrameReader(() => {});
      expect(() => reader.push(Buffer.from([...head, 0, 0]))).toThrow('from the server');
    }
  });
});

describe('HTTP messages', () => {
  test('messages are found however the stream is cut', () => {
    const stream = Buffer.from(
      'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\n{}' +
        'HTTP/1.1 200 OK\r\n\r\n' +
        'HTTP/1.1 410 Gone\r\ncontent-length:4\r\n\r\ngone',
    );
    for (const chunks of chunkings(stream)) {
      const seen: string[] = [];
      const reader = new HttpMessageReader((head, bytes, start, end) => {
        seen.push(`${head.slice(9, 12)} ${bytes.toString('latin1', start, end)}`);
      });
      for (const chunk of chunks) reader.push(chunk);
      expect(seen).toEqual(['200 {}', '200 ', '410 gone']);
    }
  });

  test('a chunked message and an endless head are faults', () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(() => new HttpMessageReader(() => {}).push(Buffer.from(chunked))).toThrow('chunked');
    const endless = new HttpMessageReader(() => {});
    expect(() => endless.push(Buffer.alloc(16_385, 'x'))).toThrow('over 16 KB');
  });
});

describe('acknowledgements', () => {
  test('records come back in order however the stream is cut', () => {
    const writer = new AcknowledgementWriter();
    const sent = Array.from({ length: 3000 }, (_, slot) => [slot, slot + 0.25]);
    for (const [slot, at] of sent) writer.add(slot ?? 0, at ?? 0);
    for (const chunks of chunkings(writer.take())) {
      const seen: number[][] = [];
      const reader = new AcknowledgementReader((slot, at) => seen.push([slot, at]));
      for (const chunk of chunks) reader.push(chunk);
      expect(seen).toEqual(sent);
    }
    expect(writer.take().length).toBe(0);
  });
});

describe('SigV4', () => {
  const path = '/production/@connections/L0SM9cOFvHcCIhwAAAAA%3D%3D';

  test('the signature is the one boto3 1.26 sent for the same request', () => {
    const sign = createSigner(credentials, new Date('2026-11-22T21:41:57Z'));
    const body = Buffer.from('{"a":"b"}');
    expect(sign({ method: 'POST', host: '127.0.0.1:46027', path, body })).toEqual({
      amzDate: '20261122T214157Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAPOSTERNBENCH0001/20261122/us-east-1/execute-api/' +
        'aws4_request, SignedHeaders=host;x-amz-date, ' +
        'Signature=1e731e6b648afffa7c4411b5db33b9c56a5b26162899b242c633a4d7af18c9ef',
    });
  });

  test('the signature is the one the AWS SDK for JavaScript computes', async () => {
    const date = new Date('2027-01-02T03:04:05.678Z');
    const body = encodePayload('push', 5);
    const sdk = new SignatureV4({
      ...credentials,
      credentials,
      sha256: Sha256,
      applyChecksum: false,
    });
    const signed = await sdk.sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        port: 4080,
        path,
        headers: { host: '127.0.0.1:4080' },
        body,
      },
      { signingDate: date },
    );
    const ours = createSigner(credentials, date);
    expect(ours({ method: 'POST', host: '127.0.0.1:4080', path, body }).authorization).toBe(
      signed.headers.authorization,
    );
  });
});

describe('push requests', () => {
  const target = {
    host: '127.0.0.1',
    port: 4080,
    talk,
    connectionIds: ['a/b==', 'c'],
    credentials,
  };

  test('a request has boto3’s headers in boto3’s order and the slot as its body', () => {
    const [first, second] = preparePushRequests(target, 3, new Date());
    const [head, body] = String(first).split('\r\n\r\n');
    const [line, ...headers] = String(head).split('\r\n');
    expect(line).toBe('POST /production/@connections/a%2Fb%3D%3D HTTP/1.1');
    expect(headers.map((header) => header.slice(0, header.indexOf(':')))).toEqual(
      pushHeaders('boto3', true),
    );
    expect(headers).toContain('Content-Length: 100');
    expect(JSON.parse(String(body)).slot).toBe('00000000');
    expect(String(second)).toContain('/@connections/c HTTP/1.1');
  });

  test('a request of the AWS SDK for JavaScript has the signature which that SDK computes', async () => {
    const date = new Date('2027-01-02T03:04:05.678Z');
    const [request] = preparePushRequests({ ...target, sdk: 'javascript-v3' }, 1, date);
    const [head, body] = String(request).split('\r\n\r\n');
    const [line, ...lines] = String(head).split('\r\n');
    const sent = Object.fromEntries(lines.map((text) => text.split(': ') as [string, string]));
    expect(Object.keys(sent)).toEqual(pushHeaders('javascript-v3', true));
    const { authorization, 'x-amz-date': _, 'user-agent': __, Connection, ...headers } = sent;
    const sdk = new SignatureV4({ ...credentials, credentials, sha256: Sha256 });
    const signed = await sdk.sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        port: 4080,
        path: line!.split(' ')[1]!,
        headers,
        body: Buffer.from(body!),
      },
      { signingDate: date },
    );
    expect(authorization).toBe(signed.headers.authorization);
    expect(Connection).toBe('keep-alive');
  });

  test('a peer gets the payload in the body it wants', () => {
    const grip: Talk = { ...talk, pushPath: '/publish/', pushBody: 'grip' };
    const [request] = preparePushRequests({ ...target, talk: grip }, 1, new Date());
    const [, body] = String(request).split('\r\n\r\n');
    const [item] = JSON.parse(String(body)).items;
    expect(item.channel).toBe('a/b==');
    expect(JSON.parse(item.formats['ws-message'].content).slot).toBe('00000000');
  });

  test('an unsigned request carries no date and no signature', () => {
    const [request] = preparePushRequests({ ...target, credentials: null }, 1, new Date());
    expect(String(request)).not.toMatch(/authorization|x-amz-date/i);
  });
});

describe('WebSocket-over-HTTP', () => {
  const head = 'POST /socket/7 HTTP/1.1\r\nContent-Type: application/websocket-events';

  test('is told from other requests, and a socket’s first event is answered with its channel', () => {
    expect(isEvents(head)).toBe(true);
    expect(isEvents('POST /ws/message HTTP/1.1\r\nContent-Type: application/json')).toBe(false);
    expect(String(acceptance(head))).toContain(
      'OPEN\r\nTEXT 24\r\nc:{"type":"subscribe","channel":"7"}\r\n',
    );
  });

  test('a socket that comes is told from one that speaks or goes', () => {
    expect(isOpening(Buffer.from('OPEN\r\n'), 0)).toBe(true);
    for (const events of ['TEXT 2\r\nhi\r\n', 'CLOSE\r\n', 'DISCONNECT\r\n', '']) {
      expect(isOpening(Buffer.from(events), 0)).toBe(false);
    }
  });

  test('the texts of several events are found', () => {
    const events = Buffer.from('OPEN\r\nTEXT 2\r\nhi\r\nPING 1\r\nx\r\nTEXT b\r\nhello world\r\n');
    const texts = textsIn(events, 0, events.length);
    expect(texts.map(({ start, end }) => events.toString('latin1', start, end))).toEqual([
      'hi',
      'hello world',
    ]);
    expect(messages(events, texts)).toBe('TEXT 4\r\nm:hi\r\nTEXT d\r\nm:hello world\r\n');
    expect(() => textsIn(Buffer.from('nonsense'), 0, 8)).toThrow('no WebSocket event');
  });
});

describe('answers to pushes', () => {
  const bytes = (texts: readonly string[]) => Buffer.from(texts.join(''), 'latin1');
  const good = 'HTTP/1.1 200 OK\r\nDate: Sat\r\nContent-Length: 2\r\n\r\n{}';
  const empty = 'HTTP/1.1 200 OK\r\nDate: Sat\r\nContent-Length: 0\r\n\r\n';
  const gone = 'HTTP/1.1 410 Gone\r\nDate: Sat\r\nContent-Length: 4\r\n\r\ngone';
  const bare = 'HTTP/1.1 200 OK\r\n\r\n';

  test('each is told apart and found whole, however they are cut', () => {
    const sent = [good, good, empty, gone, good, bare, good];
    for (const chunks of chunkings(bytes(sent))) {
      const seen: [boolean, string][] = [];
      const reader = new AnswerReader('HTTP/1.1 200 ', (isGood, buffer, start, end) => {
        seen.push([isGood, buffer.toString('latin1', start, end)]);
      });
      for (const chunk of chunks) reader.push(chunk, chunk.length);
      expect(seen).toEqual(sent.map((text) => [text !== gone, text]));
    }
  });

  test('what is behind the bytes read does not belong to the answer', () => {
    const seen: string[] = [];
    const reader = new AnswerReader('HTTP/1.1 200 ', (_, buffer, start, end) => {
      seen.push(buffer.toString('latin1', start, end));
    });
    const buffer = bytes([good, good]);
    reader.push(buffer, good.length - 1);
    expect(seen).toEqual([]);
    reader.push(Buffer.from('}'), 1);
    expect(seen).toEqual([good]);
  });

  test('a chunked one is refused', () => {
    const reader = new AnswerReader('HTTP/1.1 200 ', () => {});
    const chunked = bytes(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n']);
    expect(() => reader.push(chunked, chunked.length)).toThrow('a chunked answer');
  });
});
