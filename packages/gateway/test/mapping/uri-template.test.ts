import { describe, expect, test } from 'vitest';
import { compileUri, UriTemplateError } from '../../src/mapping/uri-template.ts';

const fill = (text: string, values: Record<string, string> = {}, variables = {}) => {
  const uri = compileUri(text, variables);
  return uri.origin + uri.path(new Map(Object.entries(values)));
};

test.each([
  ['http://h', {}, 'http://h/'],
  ['http://h/a?b=c', {}, 'http://h/a?b=c'],
  ['https://h:8443/a b', {}, 'https://h:8443/a%20b'],
  ['http://h//double', {}, 'http://h//double'],
  ['http://h/%2f%7e', {}, 'http://h/%2f%7e'],
  ['http://h/{id}', { id: 'a/b?c#d' }, 'http://h/a%2Fb%3Fc%23d'],
  ['http://h/{id}/x', { id: '..' }, 'http://h/%2E%2E/x'],
  ['http://h/{id}/{id}', { id: 'é' }, 'http://h/%C3%A9/%C3%A9'],
  ['http://h/x?q={q}', { q: 'a&b=c' }, 'http://h/x?q=a%26b%3Dc'],
  ['http://h/{missing}', {}, 'http://h/'],
])('%s with %j is %s', (text, values, expected) => {
  expect(fill(text, values)).toBe(expected);
});

test('stage variables stand for host, path or the whole rest of the URL', () => {
  const variables = { host: 'api.example:81', path: 'v1/x', url: 'h/p?q=1' };
  expect(fill('https://${stageVariables.host}/${stageVariables.path}', {}, variables)).toBe(
    'https://api.example:81/v1/x',
  );
  expect(fill('http://${stageVariables.url}', {}, variables)).toBe('http://h/p?q=1');
});

describe('what cannot be called says so', () => {
  test.each(['', 'h/path', 'ftp://h', 'file:///etc/passwd', 'http://', 'http://h:99999/'])(
    '"%s"',
    (text) => {
      expect(() => compileUri(text, {})).toThrow(UriTemplateError);
    },
  );

  test('an unset stage variable, by name', () => {
    expect(() => compileUri('http://${stageVariables.none}/', {})).toThrow(/"none" is not set/);
  });
});
