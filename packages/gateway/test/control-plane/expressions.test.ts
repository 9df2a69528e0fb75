import { describe, expect, test } from 'vitest';
import { compileParameterMappings } from '../../src/mapping/parameter-mapping.ts';
import { compileSelectionExpression } from '../../src/mapping/selection-expression.ts';
import {
  isMappingDestination,
  isMappingSource,
  isSelectionExpression,
  routeParameterProblem,
} from '../../src/resources/expressions.ts';

const sources = [
  'route.request.querystring.token',
  'route.request.header.X-Room',
  'route.request.multivaluequerystring.a',
  'route.request.multivalueheader.a',
  'method.request.header.a',
  'route.request.body',
  'route.request.body.user.id',
  "route.request.body.items[0]['a b']",
  'stageVariables.host',
  'context.connectionId',
  'context.authorizer.principalId',
  'context.identity.sourceIp',
  "'static'",
  "''",
  "'it''s {\"a\":1} ä'",
];

const noSources = [
  '',
  'static',
  "'open",
  "'",
  "'a\r\nX-Injected: b'",
  "'a\u0000b'",
  'request.body.x',
  '$request.body.x',
  '$context.connectionId',
  'context',
  'context.',
  'context.a b',
  'stageVariables.a/b',
  'route.request.path.a',
  'route.request.header.',
  'route.request.header.a:b',
  'route.request.bodyx',
  'integration.response.header.a',
  'context.connectionId\n',
];

describe('A mapping source', () => {
  test.each(sources)('may be %s, and can be compiled', (source) => {
    expect(isMappingSource(source)).toBe(true);
    expect(() =>
      compileParameterMappings({ 'integration.request.header.a': source }),
    ).not.toThrow();
  });

  test.each(noSources)('may not be %j', (source) => {
    expect(isMappingSource(source)).toBe(false);
  });
});

describe('A mapping destination', () => {
  test.each([
    'integration.request.header.connectionId',
    'integration.request.querystring.a.b_c-d$',
    'integration.request.path.proxy',
  ])('may be %s', (key) => {
    expect(isMappingDestination(key)).toBe(true);
  });

  test.each([
    'integration.request.header.',
    'integration.request.header.a b',
    'integration.request.header.a\r\nb',
    'integration.request.body.a',
    'append:header.a',
    'overwrite:path',
    'header.a',
    '',
  ])('may not be %j', (key) => {
    expect(isMappingDestination(key)).toBe(false);
  });
});

describe('A selection expression', () => {
  test.each([
    '$request.body.action',
    '${request.body.a}.${request.body.b}',
    'prefix-$request.body.action',
    '\\$default',
    'static',
    "$request.body['a-b']",
    '$request.body.items[0].type',
  ])('may be %s, and can be compiled', (expression) => {
    expect(isSelectionExpression(expression)).toBe(true);
    expect(() => compileSelectionExpression(expression)).not.toThrow();
  });

  test.each(['$', '${request.body.a', '$request.header.a', '$default', '${}', '$request.bodyx'])(
    'may not be %s',
    (expression) => {
      expect(isSelectionExpression(expression)).toBe(false);
    },
  );
});

describe('Request parameters of a route', () => {
  test('are headers and query parameters', () => {
    const ok = { 'route.request.header.X-A': {}, 'route.request.querystring.b': {} };
    expect(routeParameterProblem(ok)).toBeUndefined();
    expect(routeParameterProblem({ ...ok, 'route.request.path.a': {}, b: {} })).toBe(
      'Invalid mapping expression specified: Validation Result: warnings : [], errors : ' +
        '[Invalid mapping expression parameter specified: route.request.path.a, ' +
        'Invalid mapping expression parameter specified: b]',
    );
  });
});
