import { describe, expect, test } from 'vitest';
import { readProxyHeader } from '../../src/server/proxy-header.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const v2 = (rest: string, fields = '') =>
  Buffer.from(SIGNATURE + rest + (fields.length / 2).toString(16).padStart(4, '0') + fields, 'hex');
const IPV4 = 'c6336407c0000201d43101bb';
const IPV6 = `20010db8${'0'.repeat(23)}720010db9${'0'.repeat(23)}1d43101bb`;

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 198.51.100.7 192.0.2.1 54321 443', { address: '198.51.100.7', port: 54_321 }],
    ['PROXY TCP6 2001:db8::7 2001:db8::1 1 65535', { address: '2001:db8::7', port: 1 }],
    ['PROXY UNKNOWN', undefined],
    ['PROXY UNKNOWN ffff:f...f ffff 65535 65535', undefined],
  ])('%s', (line, client) => {
    expect(readProxyHeader(Buffer.from(`${line}\r\nGET /`))).toEqual({
      length: line.length + 2,
      ...(client && { client }),
    });
  });

  test.each([
    'PROXY TCP4 2001:db8::7 192.0.2.1 54321 443',
    'PROXY TCP4 198.51.100.7 192.0.2.1 54321',
    'PROXY TCP4 198.51.100.7 192.0.2.1 65536 443',
    'PROXY TCP4 198.51.100.7  192.0.2.1 1 443',
    'PROXY TCP4 nonsense 192.0.2.1 1 443',
    'PROXY UDP4 198.51.100.7 192.0.2.1 1 443',
    'PROXY UNKNOWNS',
    'proxy TCP4 198.51.100.7 192.0.2.1 1 443',
    'GET / HTTP/1.1',
  ])('%s is none', (line) => {
    expect(readProxyHeader(Buffer.from(`${line}\r\n`))).toBe('none');
  });

  test('a line of 107 bytes is one, of 108 none; without an end it is waited for until then', () => {
    const unknown = (length: number) => `PROXY UNKNOWN ${'x'.repeat(length - 16)}\r\n`;
    expect(readProxyHeader(Buffer.from(unknown(107)))).toEqual({ length: 107 });
    expect(readProxyHeader(Buffer.from(unknown(108)))).toBe('none');
    expect(readProxyHeader(Buffer.from(unknown(200).slice(0, 106)))).toBe('more');
    expect(readProxyHeader(Buffer.from(unknown(200).slice(0, 107)))).toBe('none');
  });
});

describe('version 2', () => {
  test.each([
    ['TCP over IPv4', v2('2111', IPV4), { address: '198.51.100.7', port: 54_321 }],
    ['TCP over IPv6', v2('2121', IPV6), { address: '2001:db8::7', port: 54_321 }],
    [
      'with further fields',
      v2('2111', `${IPV4}0300040000abcd`),
      { address: '198.51.100.7', port: 54_321 },
    ],
    ['the proxy for itself', v2('2000'), undefined],
    ['the proxy for itself, with an address', v2('2011', IPV4), undefined],
    ['of no family', v2('2100'), undefined],
    ['a local socket', v2('2131', '00'.repeat(216)), undefined],
    ['too short for its family', v2('2111', 'c6336407'), undefined],
  ])('%s', (_, bytes, client) => {
    const header = Buffer.concat([bytes, Buffer.from([0x16, 3, 1])]);
    expect(readProxyHeader(header)).toEqual({ length: bytes.length, ...(client && { client }) });
  });

  test('another version or command is none', () => {
    expect(readProxyHeader(v2('1111', IPV4))).toBe('none');
    expect(readProxyHeader(v2('2211', IPV4))).toBe('none');
  });

  test('4096 bytes are a header, 4097 none, before they have come', () => {
    const of = (length: number) => v2('2111', IPV4 + '00'.repeat(length - 28));
    expect(readProxyHeader(of(4096))).toMatchObject({ length: 4096 });
    expect(readProxyHeader(of(4096).subarray(0, 100))).toBe('more');
    expect(readProxyHeader(of(4097).subarray(0, 100))).toBe('none');
  });
});

test('every beginning of a header may become one', () => {
  const whole = [Buffer.from('PROXY TCP4 198.51.100.7 192.0.2.1 1 443\r\n'), v2('2121', IPV6)];
  for (const header of whole) {
    for (let length = 0; length < header.length; length += 1) {
      expect(readProxyHeader(header.subarray(0, length))).toBe('more');
    }
    expect(readProxyHeader(header)).toMatchObject({ length: header.length });
  }
});
