import { describe, expect, test } from 'vitest';
import { describeRedisAddress, parseRedisAddress } from '../../src/engines/redis/address.ts';

describe('the address of Redis', () => {
  test.each([
    ['redis://cache', { hosts: [{ host: 'cache', port: 6379 }] }],
    ['redis://cache/', { hosts: [{ host: 'cache', port: 6379 }] }],
    ['redis://127.0.0.1:7000/5', { hosts: [{ host: '127.0.0.1', port: 7000 }], database: 5 }],
    ['redis://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
    ['redis://user:p%40ss:word@h', { username: 'user', password: 'p@ss:word' }],
    ['redis://:secret@h', { password: 'secret' }],
    ['redis://user@h', { username: 'user' }],
    ['rediss://h', { tls: true }],
    ['redis://h?prefix=chat', { prefix: 'chat' }],
    [
      'redis+sentinel://a,b:7001/main/2',
      {
        kind: 'sentinel',
        master: 'main',
        database: 2,
        hosts: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 7001 },
        ],
      },
    ],
    ['rediss+cluster://a,b?prefix=x', { kind: 'cluster', tls: true, prefix: 'x' }],
  ])('%s', (text, expected) => {
    const parsed = parseRedisAddress(text);
    expect(parsed).toMatchObject(expected);
    const login = [parsed.username, parsed.password];
    const { username, password } = expected as { username?: string; password?: string };
    expect(login).toEqual([username, password]);
  });

  test.each([
    ['http://h', /expected redis:\/\/HOST/],
    ['redis://', /expected redis:\/\/HOST/],
    ['redis://h:0', /"h:0" is no host and port/],
    ['redis://h:65536', /is no host and port/],
    ['redis://a,b', /several hosts need/],
    ['redis://h/x', /"x" is no number of a database/],
    ['redis://h/1/2', /path is too long/],
    ['redis+cluster://h/1', /path is too long/],
    ['redis+sentinel://h', /needs the name of the master/],
    ['redis://h?tls=1', /unknown option "tls"/],
    ['redis://h?prefix=a%20b', /a prefix has/],
  ])('%s is refused', (text, problem) => {
    expect(() => parseRedisAddress(text)).toThrow(problem);
  });

  test('is shown without its password', () => {
    expect(describeRedisAddress('redis://user:secret@h/1')).toBe('redis://user:***@h/1');
    expect(describeRedisAddress('rediss://:secret@h')).toBe('rediss://:***@h');
    expect(describeRedisAddress('redis://h:1')).toBe('redis://h:1');
  });
});
