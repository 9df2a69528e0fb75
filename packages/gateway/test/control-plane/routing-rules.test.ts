import { beforeAll, describe, expect, test } from 'vitest';
import { conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const DomainName = 'rules.example.com';
beforeAll(async () => {
  await plane.aws.createDomainName({ DomainName, DomainNameConfigurations: [{}] });
});

const given = {
  Conditions: [
    { MatchBasePaths: { AnyOf: ['v1'] } },
    { MatchHeaders: { AnyOf: [{ Header: 'x-version', ValueGlob: 'alpha-*' }] } },
  ],
  Actions: [{ InvokeApi: { ApiId: 'abcdefghij', Stage: 'prod', StripBasePath: true } }],
};
const create = (Priority: number, change: object = {}) =>
  plane.aws.createRoutingRule({ DomainName, Priority, ...given, ...change });
const priorityProblem = 'Invalid priority specified. Must be between 1 and 1000000';

describe('Routing rules', () => {
  test('are created, read, replaced and deleted', async () => {
    const { $metadata, ...created } = await create(100);
    expect($metadata.httpStatusCode).toBe(201);
    const { RoutingRuleId } = created;
    expect(created).toEqual({
      ...given,
      Priority: 100,
      RoutingRuleId: expect.stringMatching(/^[a-z0-9]{6}$/),
      RoutingRuleArn:
        'arn:aws:apigateway:us-east-1:123456789012:' +
        `/domainnames/${DomainName}/routingrules/${RoutingRuleId}`,
    });
    const one = { DomainName, RoutingRuleId };
    expect(await plane.aws.getRoutingRule(one)).toMatchObject(created);
    const { Actions } = given;
    const replaced = { ...one, Priority: 200, Conditions: [], Actions };
    expect(await plane.aws.putRoutingRule(replaced)).toMatchObject({
      Priority: 200,
      Conditions: [],
    });
    const { RoutingRules } = await plane.aws.listRoutingRules({ DomainName });
    expect(RoutingRules).toEqual([{ ...created, Priority: 200, Conditions: [] }]);
    expect((await plane.aws.deleteRoutingRule(one)).$metadata.httpStatusCode).toBe(204);
    const unknown = notFound(
      'RoutingRule',
      `Invalid RoutingRule identifier specified ${RoutingRuleId}`,
    );
    expect(await refusal(plane.aws.getRoutingRule(one))).toEqual(unknown);
    expect(await refusal(plane.aws.putRoutingRule(replaced))).toEqual(unknown);
  });

  test('have priorities of their own', async () => {
    await create(1);
    expect(await refusal(create(1))).toEqual(
      conflict('Routing rule with priority 1 already exists for this domain'),
    );
    await create(1_000_000);
  });

  test.each([
    ['no priority', { Priority: undefined }, priorityProblem],
    ['priority 0', { Priority: 0 }, priorityProblem],
    ['priority 1000001', { Priority: 1_000_001 }, priorityProblem],
    ['no conditions', { Conditions: undefined }, 'Invalid conditions specified. Must be a list'],
    ['no actions', { Actions: undefined }, 'Invalid actions specified. Must be a list'],
    ['nothing to do', { Actions: [] }, 'Invalid actions specified. Must have at least one entry'],
    [
      'a header name of 41 characters',
      { Conditions: [{ MatchHeaders: { AnyOf: [{ Header: 'h'.repeat(41), ValueGlob: '*' }] } }] },
      'Invalid conditions[0].matchHeaders.anyOf[0].header specified. ' +
        'Must be 0 to 40 characters long',
    ],
  ])('with %s answer 400', async (_, change, message) => {
    const body = Object.fromEntries(
      Object.entries({ Priority: 7, ...given, ...change }).map(([name, value]) => [
        name[0]!.toLowerCase() + name.slice(1),
        camel(value),
      ]),
    );
    const path = `/v2/domainnames/${DomainName}/routingrules`;
    const { status, json } = await plane.send('POST', path, body);
    expect([status, json?.message]).toEqual([400, message]);
  });

  test('of an unknown domain answer 404', async () => {
    const call = plane.aws.listRoutingRules({ DomainName: 'nosuch.example.com' });
    expect(await refusal(call)).toEqual(
      notFound('DomainName', 'Invalid domain name identifier specified'),
    );
  });
});

/** As the wire spells members. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name[0]!.toLowerCase() + name.slice(1),
      camel(member),
    ]),
  );
}
