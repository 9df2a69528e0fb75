import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageBody } from '../../src/mapping/scope.ts';
import {
  compileSelectionExpression,
  SelectionExpressionError,
} from '../../src/mapping/selection-expression.ts';

const evaluate = (expression: string, message: unknown, stageVariables = {}) =>
  compileSelectionExpression(expression).evaluate({
    body: new MessageBody(
      Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
    ),
    stageVariables,
  });

const message = {
  service: 'chat',
  action: 'join',
  data: { room: 'room1234' },
  'detail-type': 'order',
  list: ['item1', 'item2'],
  yes: true,
  nothing: null,
  big: 1e21,
  small: 1e-7,
  whole: 42,
  nested: [{ a: 1 }, [2, 'x']],
};

test.each([
  ['$request.body.action', 'join'],
  ['${request.body.action}', 'join'],
  ['${request.body.service}/${request.body.action}', 'chat/join'],
  ['$request.body.service/$request.body.action', 'chat/join'],
  ['${request.body.action}-${request.body.invalidPath}', 'join-'],
  ['action', 'action'],
  ['\\$default', '$default'],
  ['$request.body.data.room', 'room1234'],
  ['$request.body.detail-type', 'order'],
  ["$request.body['detail-type']", 'order'],
  ['$request.body.list', '[item1, item2]'],
  ['$request.body.list[1]', 'item2'],
  ['$request.body.yes', 'true'],
  ['$request.body.nothing', 'null'],
  ['$request.body.big', '1000000000000000000000'],
  ['$request.body.small', '0.0000001'],
  ['$request.body.whole', '42'],
  ['$request.body.data', '{"room":"room1234"}'],
  ['$request.body.nested', '[{"a":1}, [2, x]]'],
  ['$request.body.missing.deep', ''],
  ['$stageVariables.color', 'blue'],
  ['$stageVariables.none', ''],
  ['', ''],
])('%s selects "%s"', (expression, expected) => {
  expect(evaluate(expression, message, { color: 'blue' })).toBe(expected);
});

test('a message that is no object has no members', () => {
  for (const text of ['42', '"join"', '[]', 'null', 'not JSON']) {
    expect(evaluate('$request.body.action', text)).toBe('');
  }
});

describe('what is not an expression says so', () => {
  test.each(['$', 'a$', '${request.body.action', '$unknown.x', '$request.header.x', '${}'])(
    '%s',
    (expression) => {
      expect(() => compileSelectionExpression(expression)).toThrow(SelectionExpressionError);
    },
  );
});

test('no text makes the parser fail with anything but its own error', () => {
  const piece = fc.constantFrom(
    '$',
    '\\$',
    '${',
    '}',
    'request.body',
    '.',
    '[',
    "'",
    ']',
    'a',
    '-',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        expect(typeof evaluate(pieces.join(''), message)).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(SelectionExpressionError);
      }
    }),
    { seed: 20261122, numRuns: 2000 },
  );
});
