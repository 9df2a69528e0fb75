import { describe, expect, test } from 'vitest';
import { compilePolicy, type Decision, evaluatePolicies } from '../../src/iam/policy.ts';

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:kt2quqdplj';
const ALLOW = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' };

describe('the policy of the integration guide', () => {
  const policies = [
    compilePolicy({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'execute-api:ManageConnections',
          Resource: `${ARN}/production/POST/@connections/*`,
        },
      ],
    }),
  ];
  const manage = 'execute-api:ManageConnections';
  const invoke = 'execute-api:Invoke';
  const rows: [action: string, resource: string, decision: Decision][] = [
    [manage, '/production/POST/@connections/{connectionId}', 'allowed'],
    [manage.toLowerCase(), '/production/POST/@connections/{connectionId}', 'allowed'],
    [manage, '/production/DELETE/@connections/{connectionId}', 'implicitDeny'],
    [manage, '/production/GET/@connections/{connectionId}', 'implicitDeny'],
    [manage, '/development/POST/@connections/{connectionId}', 'implicitDeny'],
    [manage, '/Production/POST/@connections/{connectionId}', 'implicitDeny'],
    [manage, '/production/POST/@connections', 'implicitDeny'],
    [manage, 'x/production/POST/@connections/{connectionId}', 'implicitDeny'],
    [invoke, '/production/POST/@connections/{connectionId}', 'implicitDeny'],
    [invoke, '/production/$connect', 'implicitDeny'],
    ['apigateway:POST', '/production/POST/@connections/{connectionId}', 'implicitDeny'],
  ];
  test.each(rows)('%s on %s: %s', (action, resource, decision) => {
    const request = { action, resource: `${ARN}${resource}`, context: {} };
    expect(evaluatePolicies(policies, request)).toBe(decision);
  });

  test.each([
    'us-east-1:123456789012:another123',
    'us-east-1:999999999999:kt2quqdplj',
    'eu-west-1:123456789012:kt2quqdplj',
  ])('nothing in %s', (api) => {
    const resource = `arn:aws:execute-api:${api}/production/POST/@connections/{connectionId}`;
    const request = { action: manage, resource, context: {} };
    expect(evaluatePolicies(policies, request)).toBe('implicitDeny');
  });

  test('with * for the account allows every account, and still only POST', () => {
    const anyAccount = [
      compilePolicy({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'execute-api:ManageConnections',
          Resource: 'arn:aws:execute-api:us-east-1:*:kt2quqdplj/production/POST/@connections/*',
        },
      }),
    ];
    const decide = (method: string) =>
      evaluatePolicies(anyAccount, {
        action: 'execute-api:ManageConnections',
        resource: `${ARN}/production/${method}/@connections/{connectionId}`,
        context: {},
      });
    expect(decide('POST')).toBe('allowed');
    expect(decide('DELETE')).toBe('implicitDeny');
  });
});

type Elements = Readonly<Record<string, unknown>>;

/** One statement, allowing, against `execute-api:Invoke` on `{ARN}/prod/$connect`. */
const elementRows: [name: string, elements: Elements, isAllowed: boolean][] = [
  ['the action itself', { Action: 'execute-api:Invoke' }, true],
  ['the action in another case', { Action: 'EXECUTE-API:invoke' }, true],
  ['every action of the service', { Action: 'execute-api:*' }, true],
  ['every action', { Action: '*' }, true],
  ['actions that begin alike', { Action: 'execute-api:In*' }, true],
  ['an action with ?', { Action: 'execute-api:Invok?' }, true],
  ['an action with too many ?', { Action: 'execute-api:Invoke?' }, false],
  ['a list with the action', { Action: ['sqs:SendMessage', 'execute-api:Invoke'] }, true],
  ['another action', { Action: 'execute-api:ManageConnections' }, false],
  ['another service', { Action: 'lambda:Invoke' }, false],
  ['an action that only begins alike', { Action: 'execute-api:Invo' }, false],
  ['every action but this', { Action: undefined, NotAction: 'execute-api:Invoke' }, false],
  ['every action but another', { Action: undefined, NotAction: 'execute-api:Manage*' }, true],
  [
    'every action but a list with this',
    { Action: undefined, NotAction: ['a:b', 'execute-api:I*'] },
    false,
  ],
  ['the resource itself', { Resource: `${ARN}/prod/$connect` }, true],
  ['the resource in another case', { Resource: `${ARN}/prod/$Connect` }, false],
  ['every resource', { Resource: '*' }, true],
  ['every route of the stage', { Resource: `${ARN}/prod/*` }, true],
  ['every stage of the API', { Resource: `${ARN}/*` }, true],
  ['every API of the account', { Resource: 'arn:aws:execute-api:us-east-1:123456789012:*' }, true],
  ['every account of the region', { Resource: 'arn:aws:execute-api:us-east-1:*:*' }, true],
  ['every region', { Resource: 'arn:aws:execute-api:*:*:kt2quqdplj/prod/$connect' }, true],
  ['a * that runs on past its colon', { Resource: 'arn:aws:execute-api:*' }, true],
  ['a * that runs on, and more behind it', { Resource: 'arn:aws:*:kt2quqdplj/*' }, true],
  [
    'an inner * that would have to cross a colon',
    { Resource: 'arn:aws:execute-api:u*2:kt2quqdplj/*' },
    false,
  ],
  ['a ? that would have to match a colon', { Resource: 'arn:aws:execute-api?us-east-1:*' }, false],
  ['parts of names', { Resource: 'arn:aws:execute-api:us-*-1:1234567890??:kt2*/prod/*' }, true],
  ['too few ? in a name', { Resource: 'arn:aws:execute-api:us-east-1:1234567890?:*' }, false],
  [
    'slashes matched by *',
    { Resource: 'arn:aws:execute-api:us-east-1:123456789012:*/$connect' },
    true,
  ],
  ['a stage without its routes', { Resource: `${ARN}/prod` }, false],
  ['a stage and a bare slash', { Resource: `${ARN}/prod/` }, false],
  ['another API', { Resource: 'arn:aws:execute-api:us-east-1:123456789012:other/*' }, false],
  ['a list with the resource', { Resource: [`${ARN}/dev/*`, `${ARN}/prod/*`] }, true],
  ['every resource but this', { Resource: undefined, NotResource: `${ARN}/prod/*` }, false],
  ['every resource but another', { Resource: undefined, NotResource: `${ARN}/dev/*` }, true],
  ['a variable in the resource', { Resource: `${ARN}/\${aws:username}/*` }, true],
  ['a variable in another case', { Resource: `${ARN}/\${AWS:UserName}/*` }, true],
  ['a variable that has another value', { Resource: `${ARN}/\${aws:userid}/*` }, false],
  ['a variable without a value', { Resource: `${ARN}/\${aws:PrincipalTag/x}*` }, false],
  [
    'all but a variable without a value',
    { Resource: undefined, NotResource: `${ARN}/\${aws:x}*` },
    true,
  ],
  ['a variable with a default', { Resource: `${ARN}/\${aws:PrincipalTag/x, 'prod'}/*` }, true],
  ['a default that is not needed', { Resource: `${ARN}/\${aws:username, 'dev'}/*` }, true],
  ['a variable with several values', { Resource: `${ARN}/\${aws:TagKeys}/*` }, false],
  ['a * taken literally', { Resource: `${ARN}/\${*}/*` }, false],
  ['a $ taken literally', { Resource: `${ARN}/prod/\${$}connect` }, true],
  ['a value that looks like a pattern', { Resource: `${ARN}/\${custom:star}` }, false],
];

test.each(elementRows)('a statement for %s', (_, elements, isAllowed) => {
  const statement = Object.fromEntries(
    Object.entries({ ...ALLOW, ...elements }).filter(([, value]) => value !== undefined),
  );
  const policy = compilePolicy({ Version: '2012-10-17', Statement: [statement] });
  const decision = evaluatePolicies([policy], {
    action: 'execute-api:Invoke',
    resource: `${ARN}/prod/$connect`,
    context: {
      'aws:username': 'prod',
      'aws:userid': 'AIDA',
      'aws:TagKeys': ['prod', 'dev'],
      'custom:star': '*',
    },
  });
  expect(decision).toBe(isAllowed ? 'allowed' : 'implicitDeny');
});

describe('several statements and policies', () => {
  const deny = { ...ALLOW, Effect: 'Deny' };
  const other = { ...ALLOW, Action: 'execute-api:ManageConnections' };
  const rows: [name: string, policies: unknown[][], decision: Decision][] = [
    ['nothing at all', [], 'implicitDeny'],
    ['a statement for something else', [[other]], 'implicitDeny'],
    ['an Allow', [[ALLOW]], 'allowed'],
    ['a Deny alone', [[deny]], 'explicitDeny'],
    ['a Deny behind an Allow', [[ALLOW, deny]], 'explicitDeny'],
    ['a Deny before an Allow', [[deny, ALLOW]], 'explicitDeny'],
    ['a Deny in another policy', [[ALLOW], [other, deny]], 'explicitDeny'],
    ['an Allow in another policy', [[other], [ALLOW]], 'allowed'],
    ['a Deny for something else', [[ALLOW, { ...deny, Action: 'a:b' }]], 'allowed'],
    ['a Deny for everything else', [[{ ...deny, NotAction: 'execute-api:*' }, ALLOW]], 'allowed'],
    [
      'a Deny for all but one resource',
      [[ALLOW, { ...deny, NotResource: `${ARN}/dev/*` }]],
      'explicitDeny',
    ],
    [
      'a Deny whose condition does not hold',
      [[ALLOW, { ...deny, Condition: { StringEquals: { 'aws:username': 'other' } } }]],
      'allowed',
    ],
  ];
  test.each(rows)('%s', (_, policies, decision) => {
    const compiled = policies.map((statements) =>
      compilePolicy({
        Version: '2012-10-17',
        Statement: statements.map((statement) => withoutRivals(statement as Elements)),
      }),
    );
    const request = { action: 'execute-api:Invoke', resource: `${ARN}/prod/$connect`, context: {} };
    expect(evaluatePolicies(compiled, request)).toBe(decision);
  });
});

test('the older language, which is also the default, knows no variables', () => {
  for (const version of [{}, { Version: '2008-10-17' }]) {
    const policy = compilePolicy({
      ...version,
      Statement: { ...ALLOW, Resource: `${ARN}/\${aws:username}` },
    });
    const decide = (resource: string) =>
      evaluatePolicies([policy], {
        action: 'execute-api:Invoke',
        resource: `${ARN}/${resource}`,
        context: { 'aws:username': 'prod' },
      });
    expect(decide('prod')).toBe('implicitDeny');
    expect(decide('${aws:username}')).toBe('allowed');
  }
});

test('patterns are matched in bounded time, however they are made', () => {
  const stars = 'a*'.repeat(200);
  const policy = compilePolicy({
    Version: '2012-10-17',
    Statement: { ...ALLOW, Resource: `${ARN}/${stars}b` },
  });
  const resource = `${ARN}/${'a'.repeat(4000)}`;
  const request = { action: 'execute-api:Invoke', resource, context: {} };
  expect(evaluatePolicies([policy], request)).toBe('implicitDeny');
});

/** NotAction takes the place of Action, and NotResource that of Resource. */
function withoutRivals(statement: Elements): Elements {
  const { Action, Resource, ...rest } = statement;
  return {
    ...rest,
    ...(rest.NotAction === undefined ? { Action } : {}),
    ...(rest.NotResource === undefined ? { Resource } : {}),
  };
}
