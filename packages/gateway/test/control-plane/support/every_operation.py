"""Calls every operation of apigatewayv2 that boto3 knows, and prints which ones it called."""

import sys

import boto3
from botocore.exceptions import ClientError

c = boto3.client("apigatewayv2", endpoint_url=sys.argv[1], region_name="us-east-1")
called = set()
c.meta.events.register("before-call", lambda model, **_: called.add(model.name))


def refused(status, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error
        return error.response["Error"]
    raise SystemExit(f"{call.__name__} was expected to answer {status}")


LAMBDA = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:f/invocations"
)

# An API and its children, each created, read, listed and changed.
api = c.create_api(
    Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
)["ApiId"]
on = {"ApiId": api}
assert c.update_api(**on, Description="talk")["Description"] == "talk"
assert c.get_api(**on)["Description"] == "talk"
assert [item["ApiId"] for item in c.get_apis()["Items"]] == [api]

integration = c.create_integration(
    **on, IntegrationType="HTTP", IntegrationMethod="POST", IntegrationUri="http://127.0.0.1/"
)
assert integration["IntegrationResponseSelectionExpression"] == "${integration.response.statuscode}"
of = {**on, "IntegrationId": integration["IntegrationId"]}
c.update_integration(**of, RequestTemplates={"$default": "{}"})
assert c.get_integration(**of)["RequestTemplates"] == {"$default": "{}"}
assert len(c.get_integrations(**on)["Items"]) == 1

response = c.create_integration_response(**of, IntegrationResponseKey="/2\\d\\d/")
one = {**of, "IntegrationResponseId": response["IntegrationResponseId"]}
c.update_integration_response(**one, ResponseTemplates={"a": "$input.body"})
assert c.get_integration_response(**one)["ResponseTemplates"] == {"a": "$input.body"}
assert c.get_integration_responses(**of)["Items"][0]["IntegrationResponseKey"] == "/2\\d\\d/"

model = c.create_model(**on, Name="Message", Schema='{"properties": {"text": {"type": "string"}}}')
shape = {**on, "ModelId": model["ModelId"]}
assert c.update_model(**shape, Description="said")["Description"] == "said"
assert c.get_model(**shape)["ContentType"] == "application/json"
assert c.get_models(**on)["Items"][0]["Name"] == "Message"
assert '"text" : "$inputRoot.text"' in c.get_model_template(**shape)["Value"]

authorizer = c.create_authorizer(
    **on,
    Name="gate",
    AuthorizerType="REQUEST",
    AuthorizerUri=LAMBDA,
    IdentitySource=["route.request.header.Auth"],
)
gate = {**on, "AuthorizerId": authorizer["AuthorizerId"]}
c.update_authorizer(**gate, AuthorizerResultTtlInSeconds=300)
assert c.get_authorizer(**gate)["AuthorizerResultTtlInSeconds"] == 300
assert c.get_authorizers(**on)["Items"][0]["Name"] == "gate"

route = c.create_route(
    **on,
    RouteKey="$connect",
    AuthorizationType="CUSTOM",
    AuthorizerId=gate["AuthorizerId"],
    Target="integrations/" + of["IntegrationId"],
    RequestModels={"$default": "Message"},
    RequestParameters={"route.request.querystring.token": {"Required": True}},
)
way = {**on, "RouteId": route["RouteId"]}
c.update_route(**way, OperationName="connect")
assert c.get_route(**way)["RequestModels"] == {"$default": "Message"}
assert c.get_routes(**on)["Items"][0]["OperationName"] == "connect"
c.delete_route_request_parameter(**way, RequestParameterKey="route.request.querystring.token")
assert "RequestParameters" not in c.get_route(**way)

reply = c.create_route_response(**way, RouteResponseKey="$default")
back = {**way, "RouteResponseId": reply["RouteResponseId"]}
c.update_route_response(**back, ModelSelectionExpression="$default")
assert c.get_route_response(**back)["ModelSelectionExpression"] == "$default"
assert len(c.get_route_responses(**way)["Items"]) == 1

for call, target in ((c.delete_integration, of), (c.delete_authorizer, gate), (c.delete_model, shape)):
    assert refused(409, call, **target)["Code"] == "ConflictException"

# Stages and deployments.
stage = {**on, "StageName": "prod"}
c.create_stage(**stage, RouteSettings={"$connect": {"ThrottlingBurstLimit": 5}})
logs = "arn:aws:logs:us-east-1:123456789012:log-group:ws"
c.update_stage(**stage, AccessLogSettings={"DestinationArn": logs, "Format": "$context.requestId"})
c.delete_access_log_settings(**stage)
c.delete_route_settings(**stage, RouteKey="$connect")
deployment = c.create_deployment(**stage)
frozen = {**on, "DeploymentId": deployment["DeploymentId"]}
c.update_deployment(**frozen, Description="first")
assert c.get_deployment(**frozen)["DeploymentStatus"] == "DEPLOYED"
assert len(c.get_deployments(**on)["Items"]) == 1
assert c.get_stage(**stage)["DeploymentId"] == frozen["DeploymentId"]
assert len(c.get_stages(**on)["Items"]) == 1
c.reset_authorizers_cache(**stage)

# Domains, with the names that must be escaped in a path.
domain = {"DomainName": "*.example.com"}
created = c.create_domain_name(
    **domain, DomainNameConfigurations=[{"CertificateArn": "arn:aws:acm:us-east-1:1:certificate/a"}]
)
assert created["DomainNameConfigurations"][0]["DomainNameStatus"] == "AVAILABLE"
c.update_domain_name(**domain, DomainNameConfigurations=[{"SecurityPolicy": "TLS_1_2"}])
assert c.get_domain_name(**domain)["ApiMappingSelectionExpression"] == "$request.basepath"
assert len(c.get_domain_names()["Items"]) == 1
mapping = c.create_api_mapping(**domain, ApiId=api, Stage="prod", ApiMappingKey="chat")
mapped = {**domain, "ApiMappingId": mapping["ApiMappingId"]}
assert c.update_api_mapping(**mapped, ApiId=api, ApiMappingKey="")["ApiMappingKey"] == ""
assert c.get_api_mapping(**mapped)["Stage"] == "prod"
assert len(c.get_api_mappings(**domain)["Items"]) == 1
assert "Please remove all API mappings" in refused(400, c.delete_api, **on)["Message"]

arn = "arn:aws:apigateway:us-east-1::/domainnames/*.example.com"
c.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
c.untag_resource(ResourceArn=arn, TagKeys=["a"])
assert c.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}

link = c.create_vpc_link(Name="link", SubnetIds=["subnet-1"])
private = {"VpcLinkId": link["VpcLinkId"]}
c.update_vpc_link(**private, Name="changed")
assert c.get_vpc_link(**private)["VpcLinkStatus"] == "AVAILABLE"
assert c.get_vpc_links()["Items"][0]["Name"] == "changed"
assert c.delete_vpc_link(**private)["ResponseMetadata"]["HTTPStatusCode"] == 202

# HTTP APIs, which are not served.
for call, parameters in (
    (c.import_api, {"Body": "{}"}),
    (c.reimport_api, {**on, "Body": "{}"}),
    (c.export_api, {**on, "OutputType": "JSON", "Specification": "OAS30"}),
    (c.delete_cors_configuration, on),
):
    assert refused(400, call, **parameters)["Code"] == "BadRequestException"

# And all of it goes again.
c.delete_api_mapping(**mapped)
c.delete_domain_name(**domain)
c.delete_stage(**stage)
c.delete_deployment(**frozen)
c.delete_route_response(**back)
c.delete_route(**way)
c.delete_integration_response(**one)
c.delete_integration(**of)
c.delete_authorizer(**gate)
c.delete_model(**shape)
c.delete_api(**on)
assert refused(404, c.get_api, **on)["Code"] == "NotFoundException"

print("\n".join(sorted(called)))
