import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { operations } from '../../src/control-plane/operations.ts';
import { useControlPlane } from './support/start-control-plane.ts';
import { isMissing, pythonThat, run } from './support/tool.ts';

/** The whole life of an API, in the hands of the tools people already have. */
const plane = useControlPlane();

const AWS = '/usr/bin/aws';
const PYTHON = '/usr/bin/python3';
const isAwsMissing = await isMissing(AWS, ['--version']);
const isBoto3Missing = await isMissing(PYTHON, ['-c', 'import boto3']);

async function aws(...args: string[]) {
  const outcome = await run(AWS, ['apigatewayv2', '--endpoint-url', plane.url, ...args]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return outcome.stdout === '' ? undefined : JSON.parse(outcome.stdout);
}

describe.skipIf(isAwsMissing)(`the aws CLI (${AWS})`, () => {
  test('creates, reads, updates, deploys and deletes', async () => {
    const api = await aws(
      ...['create-api', '--name', 'chat', '--protocol-type', 'WEBSOCKET'],
      ...['--route-selection-expression', '$request.body.action'],
    );
    const on = ['--api-id', api.ApiId];
    const integration = await aws(
      ...['create-integration', ...on, '--integration-type', 'HTTP_PROXY'],
      ...['--integration-method', 'POST', '--integration-uri', 'http://127.0.0.1:3000/ws'],
    );
    const target = `integrations/${integration.IntegrationId}`;
    await aws('create-route', ...on, '--route-key', '$default', '--target', target);
    const updated = await aws(
      ...['update-integration', ...on, '--integration-id', integration.IntegrationId],
      '--request-parameters',
      '{"integration.request.header.connectionId": "context.connectionId"}',
    );
    expect(updated.RequestParameters).toEqual({
      'integration.request.header.connectionId': 'context.connectionId',
    });
    await aws('create-stage', ...on, '--stage-name', 'production');
    const deployment = await aws('create-deployment', ...on, '--stage-name', 'production');
    const stage = await aws('get-stage', ...on, '--stage-name', 'production');
    expect(stage.DeploymentId).toBe(deployment.DeploymentId);
    expect((await aws('get-routes', ...on)).Items).toMatchObject([{ Target: target }]);
    expect((await aws('get-integrations', ...on)).Items).toHaveLength(1);
    await aws('delete-api', ...on);
    await expect(aws('get-api', ...on)).rejects.toThrow(
      /\(NotFoundException\).*Invalid API identifier specified 123456789012:/,
    );
  });
});

const script = `
import sys, boto3
from botocore.exceptions import ClientError
c = boto3.client("apigatewayv2", endpoint_url=sys.argv[1], region_name="us-east-1")
api = c.create_api(Name="chat", ProtocolType="WEBSOCKET",
                   RouteSelectionExpression="$request.body.action", Tags={"a": "b"})["ApiId"]
integration = c.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="POST",
    IntegrationUri="http://127.0.0.1:3000/ws",
    RequestParameters={"integration.request.header.connectionId": "context.connectionId"})
for key in ("$connect", "$disconnect", "$default"):
    c.create_route(ApiId=api, RouteKey=key, Target="integrations/" + integration["IntegrationId"])
pages = c.get_paginator("get_routes").paginate(ApiId=api, PaginationConfig={"PageSize": 2})
assert sorted(r["RouteKey"] for p in pages for r in p["Items"]) == ["$connect", "$default", "$disconnect"]
c.create_stage(ApiId=api, StageName="prod", StageVariables={"a": "1"})
c.update_stage(ApiId=api, StageName="prod", StageVariables={"a": "", "b": "2"})
deployment = c.create_deployment(ApiId=api, StageName="prod")
stage = c.get_stage(ApiId=api, StageName="prod")
assert stage["DeploymentId"] == deployment["DeploymentId"], stage
assert stage["StageVariables"] == {"b": "2"}, stage
assert stage["CreatedDate"].isoformat() == "2026-01-02T03:04:05+00:00", stage
arn = "arn:aws:apigateway:us-east-1::/apis/%s/stages/prod" % api
c.tag_resource(ResourceArn=arn, Tags={"team": "realtime", "x": "y"})
c.untag_resource(ResourceArn=arn, TagKeys=["x"])
assert c.get_tags(ResourceArn=arn)["Tags"] == {"team": "realtime"}
try:
    c.delete_integration(ApiId=api, IntegrationId=integration["IntegrationId"])
    raise SystemExit("deleted a referenced integration")
except c.exceptions.ConflictException as e:
    assert "because it is referenced by the following Routes with Ids: [" in str(e), e
c.delete_api(ApiId=api)
try:
    c.get_api(ApiId=api)
    raise SystemExit("read a deleted API")
except c.exceptions.NotFoundException as e:
    print(e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
`;

describe.skipIf(isBoto3Missing)(`boto3 (${PYTHON})`, () => {
  test('creates, reads, updates, deploys, tags and deletes', async () => {
    const { code, stdout, stderr } = await run(PYTHON, ['-c', script, plane.url]);
    expect(stderr).toBe('');
    expect(stdout).toBe('NotFoundException 404\n');
    expect(code).toBe(0);
  });

  test.each([
    ['apigatewayv2', 'every_operation.py', true],
    ['apigateway', 'every_v1_operation.py', false],
  ])('calls every operation of %s there is', async (_, script, isV2) => {
    const path = fileURLToPath(new URL(`support/${script}`, import.meta.url));
    const { code, stdout, stderr } = await run(PYTHON, [path, plane.url]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    // Routing rules came to boto3 after the version this is run with.
    const names = operations
      .flatMap((row) => [row, row.instead?.(new URLSearchParams('mode=import')) ?? row])
      .filter((row) => row.path.startsWith('/v2/') === isV2 && !/RoutingRule/.test(row.operation))
      .map((row) => row.operation);
    expect(stdout.trim().split('\n')).toEqual([...new Set(names)].sort());
  });
});

/** Routing rules came late to boto3: any Python on the path may have one that knows them. */
const routingRules = `
import sys, boto3
c = boto3.client("apigatewayv2", endpoint_url=sys.argv[1], region_name="us-east-1",
                 aws_access_key_id="test", aws_secret_access_key="test")
on = {"DomainName": "rules.example.com"}
c.create_domain_name(**on, DomainNameConfigurations=[{}])
rule = {"Actions": [{"InvokeApi": {"ApiId": "abcdef", "Stage": "prod", "StripBasePath": True}}],
        "Conditions": [{"MatchBasePaths": {"AnyOf": ["v1"]}}], "Priority": 10}
one = {**on, "RoutingRuleId": c.create_routing_rule(**on, **rule)["RoutingRuleId"]}
assert c.put_routing_rule(**one, **{**rule, "Priority": 20})["Priority"] == 20
got = c.get_routing_rule(**one)
assert got["Actions"] == rule["Actions"] and got["Conditions"] == rule["Conditions"], got
pages = c.get_paginator("list_routing_rules").paginate(**on)
assert [r["Priority"] for page in pages for r in page["RoutingRules"]] == [20]
c.delete_routing_rule(**one)
assert c.list_routing_rules(**on)["RoutingRules"] == []
c.delete_domain_name(**on)
`;
const newPython = await pythonThat(
  `import boto3; boto3.client('apigatewayv2', region_name='us-east-1').list_routing_rules`,
);

describe.skipIf(newPython === undefined)(`a new boto3 (${newPython})`, () => {
  test('creates, replaces, reads, lists and deletes routing rules', async () => {
    const { code, stderr } = await run(newPython!, ['-c', routingRules, plane.url]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});
