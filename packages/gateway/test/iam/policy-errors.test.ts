import { expect, test } from 'vitest';
import { compilePolicy, PolicyError } from '../../src/iam/policy.ts';

/** Every way a policy document can be wrong, and the sentence its author reads. */
const GOOD = { Effect: 'Allow', Action: 'a:B', Resource: '*' };

const one = (changes: Record<string, unknown>) => ({
  Version: '2012-10-17',
  Statement: [{ ...GOOD, ...changes }],
});
const condition = (value: unknown) => one({ Condition: value });

const rows: [document: unknown, message: string][] = [
  [undefined, 'expected an object'],
  ['{}', 'expected an object'],
  [[], 'expected an object'],
  [{}, 'Statement: expected at least one statement'],
  [{ Statement: [] }, 'Statement: expected at least one statement'],
  [{ Statement: null }, 'Statement: expected an object'],
  [{ Statement: ['Allow'] }, 'Statement[0]: expected an object'],
  [{ Version: '2025-01-01', Statement: GOOD }, 'Version: expected "2012-10-17" or "2008-10-17"'],
  [{ version: '2012-10-17', Statement: GOOD }, 'version: unknown element, expected one of Version'],
  [{ Id: 5, Statement: GOOD }, 'Id: expected a string'],
  [one({ Sid: 5 }), 'Statement[0].Sid: expected a string'],
  [one({ Effect: 'allow' }), 'Statement[0].Effect: expected "Allow" or "Deny"'],
  [{ Statement: { Action: 'a:B' } }, 'Statement.Effect: expected "Allow" or "Deny"'],
  [one({ Effects: 'Allow' }), 'Statement[0].Effects: unknown element, expected one of Sid, Effect'],
  [one({ Principal: '*' }), 'Statement[0].Principal: not allowed here: the policy belongs to an'],
  [one({ NotPrincipal: {} }), 'Statement[0].NotPrincipal: not allowed here'],
  [one({ Action: undefined }), 'Statement[0]: expected Action or NotAction'],
  [one({ NotAction: 'a:B' }), 'Statement[0].NotAction: not allowed beside Action'],
  [one({ Action: [] }), 'Statement[0].Action: expected at least one value'],
  [one({ Action: 5 }), 'Statement[0].Action: expected a string'],
  [one({ Action: ['a:B', null] }), 'Statement[0].Action[1]: expected a string'],
  [one({ Action: 'Invoke' }), 'Statement[0].Action: expected "service:Action" or "*"'],
  [one({ Resource: undefined }), 'Statement[0]: expected Resource or NotResource'],
  [one({ NotResource: '*' }), 'Statement[0].NotResource: not allowed beside Resource'],
  [one({ Resource: {} }), 'Statement[0].Resource: expected a string'],
  [one({ Resource: ['*', 'my-api/*'] }), 'Statement[0].Resource[1]: expected an ARN or "*"'],
  [
    one({ Resource: 'arn:aws:execute-api:${aws:region}:1:a/*' }),
    'Statement[0].Resource: a policy variable may stand only after the fifth colon',
  ],
  [
    one({ Resource: 'arn:aws:a:r:1:${aws:username' }),
    'Statement[0].Resource: expected a policy variable and "}" after "${"',
  ],
  [one({ Resource: 'arn:aws:a:r:1:${}' }), 'Statement[0].Resource: expected a policy variable'],
  [one({ Resource: 'arn:aws:a:r:1:${a{}' }), 'Statement[0].Resource: expected a policy variable'],
  [one({ Resource: 'arn:aws:a:r:1:${k,x}' }), 'Statement[0].Resource: expected a policy variable'],
  [one({ Resource: "arn:aws:a:r:1:${k,'x}" }), 'Statement[0].Resource: expected a policy variable'],
  [one({ Resource: "arn:aws:a:r:1:${k,'x'y}" }), 'Statement[0].Resource: expected a policy'],
  [condition([]), 'Statement[0].Condition: expected an object'],
  [condition({ StringEquals: 'x' }), 'Statement[0].Condition.StringEquals: expected an object'],
  [
    condition({ StringEqual: { 'aws:username': 'x' } }),
    'Statement[0].Condition.StringEqual: unknown condition operator',
  ],
  [
    condition({ 'ForSomeValues:StringEquals': { k: 'x' } }),
    'Statement[0].Condition.ForSomeValues:StringEquals: unknown condition operator',
  ],
  [condition({ NullIfExists: { k: true } }), 'Statement[0].Condition.NullIfExists: unknown condi'],
  [condition({ 'ForAnyValue:Null': { k: true } }), 'Statement[0].Condition.ForAnyValue:Null: unk'],
  [condition({ __proto__: null, toString: { k: 'x' } }), 'Statement[0].Condition.toString: unkn'],
  [
    condition({ StringEquals: { 'aws:username': ['x', {}] } }),
    'Statement[0].Condition.StringEquals.aws:username[1]: expected a string, number or boolean',
  ],
  [condition({ StringLike: { k: [] } }), 'Statement[0].Condition.StringLike.k: expected at least'],
  [
    condition({ StringLike: { k: '${' } }),
    'Statement[0].Condition.StringLike.k: expected a policy',
  ],
  [condition({ Null: { k: 'yes' } }), 'Statement[0].Condition.Null.k: expected "true" or "false"'],
  [
    condition({ BinaryEquals: { k: 'no base64' } }),
    'Statement[0].Condition.BinaryEquals.k: expected base64',
  ],
  [condition({ Bool: { k: 1 } }), 'Statement[0].Condition.Bool.k: expected "true" or "false"'],
  [condition({ NumericEquals: { k: '1e3' } }), 'Statement[0].Condition.NumericEquals.k: expected'],
  [condition({ NumericLessThan: { k: '' } }), 'Statement[0].Condition.NumericLessThan.k: expected'],
  [
    condition({ DateLessThan: { k: '22 Nov 2026' } }),
    'Statement[0].Condition.DateLessThan.k: expected an ISO 8601 date with its time zone, or epoch',
  ],
  [condition({ DateEquals: { k: '2026-11-22T10:00:00' } }), 'Statement[0].Condition.DateEquals.k:'],
  [condition({ DateEquals: { k: '2026-13-01' } }), 'Statement[0].Condition.DateEquals.k: expected'],
  [
    condition({ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '10.0.0/8'] } }),
    'Statement[0].Condition.IpAddress.aws:SourceIp[1]: expected an IP address or a CIDR range',
  ],
  [condition({ IpAddress: { k: '10.0.0.0/33' } }), 'Statement[0].Condition.IpAddress.k: expected'],
  [condition({ IpAddress: { k: '10.0.0.0/' } }), 'Statement[0].Condition.IpAddress.k: expected an'],
  [condition({ NotIpAddress: { k: '::/129' } }), 'Statement[0].Condition.NotIpAddress.k: expected'],
];

test.each(rows)('%j: %s', (document, message) => {
  const error = thrownBy(() => compilePolicy(document));
  expect(error).toBeInstanceOf(PolicyError);
  expect((error as PolicyError).message).toContain(message);
  expect(message.startsWith((error as PolicyError).path)).toBe(true);
});

test('a policy with everything in its place is accepted', () => {
  const document = condition({
    StringLike: { 'aws:username': 'x*' },
    Null: { 'aws:TagKeys': true },
  });
  expect(() => compilePolicy({ Id: 'mine', ...document })).not.toThrow();
  expect(() => compilePolicy(condition({}))).not.toThrow();
});

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
