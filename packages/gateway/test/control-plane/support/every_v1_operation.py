"""Calls every operation of the v1 API that the gateway has, and prints which ones it called."""

import datetime
import sys

import boto3
from botocore.exceptions import ClientError

c = boto3.client("apigateway", endpoint_url=sys.argv[1], region_name="us-east-1")
v2 = boto3.client("apigatewayv2", endpoint_url=sys.argv[1], region_name="us-east-1")
called = set()
c.meta.events.register("before-call", lambda model, **_: called.add(model.name))


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise SystemExit(f"{call.__name__} was expected to answer {code}")


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


api = v2.create_api(
    Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
)["ApiId"]
v2.create_stage(ApiId=api, StageName="prod")

# API keys.
value = "a-value-of-some-thirty-characters"
key = c.create_api_key(name="mobile", enabled=True, value=value, tags={"a": "b"})
assert key["createdDate"].astimezone(datetime.timezone.utc).isoformat() == "2026-01-02T03:04:05+00:00"
one = {"apiKey": key["id"]}
assert "value" not in c.get_api_key(**one)
assert c.get_api_key(**one, includeValue=True)["value"] == value
assert [item["id"] for item in c.get_api_keys(nameQuery="mob")["items"]] == [key["id"]]
c.update_api_key(**one, patchOperations=[replace("/description", "for phones")])
assert c.get_api_keys()["items"][0]["description"] == "for phones"
assert refused("ConflictException", c.create_api_key, value=value) == "API Key already exists"

# Usage plans.
plan = c.create_usage_plan(
    name="gold",
    apiStages=[{"apiId": api, "stage": "prod"}],
    throttle={"burstLimit": 2, "rateLimit": 1.5},
    quota={"limit": 10, "period": "DAY"},
)
in_plan = {"usagePlanId": plan["id"]}
changed = c.update_usage_plan(**in_plan, patchOperations=[replace("/throttle/rateLimit", "2")])
assert changed["throttle"] == {"burstLimit": 2, "rateLimit": 2.0}, changed
assert c.get_usage_plan(**in_plan)["quota"] == {"limit": 10, "offset": 0, "period": "DAY"}
joined = c.create_usage_plan_key(**in_plan, keyId=key["id"], keyType="API_KEY")
assert joined["type"] == "API_KEY" and joined["value"] == value, joined
assert c.get_usage_plan_key(**in_plan, keyId=key["id"])["name"] == "mobile"
pages = c.get_paginator("get_usage_plan_keys").paginate(**in_plan, PaginationConfig={"PageSize": 1})
assert [item["id"] for page in pages for item in page["items"]] == [key["id"]]
assert c.get_usage_plans(keyId=key["id"])["items"][0]["name"] == "gold"

file = "Name,Key,UsagePlanIds\ndesktop,another-value-of-thirty-characters,%s" % plan["id"]
imported = c.import_api_keys(body=file.encode(), format="csv", failOnWarnings=True)
assert len(imported["ids"]) == 1, imported
assert len(c.get_usage_plan_keys(**in_plan)["items"]) == 2

day = {"startDate": "2026-01-01", "endDate": "2026-01-02"}
assert c.get_usage(**in_plan, keyId=key["id"], **day)["items"] == {key["id"]: [[0, 10], [0, 10]]}
granted = c.update_usage(
    **in_plan, keyId=key["id"], patchOperations=[replace("/remaining", "25")]
)
assert granted["items"] == {key["id"]: [[0, 25]]}, granted

# The account, certificates, links, tags.
role = "arn:aws:iam::123456789012:role/logs"
c.update_account(patchOperations=[replace("/cloudwatchRoleArn", role)])
account = c.get_account()
assert account["cloudwatchRoleArn"] == role and account["throttleSettings"]["burstLimit"] == 5000

certificate = c.generate_client_certificate(description="to the backend")
proof = {"clientCertificateId": certificate["clientCertificateId"]}
assert certificate["pemEncodedCertificate"].startswith("-----BEGIN CERTIFICATE-----")
assert (certificate["expirationDate"] - certificate["createdDate"]).days == 365
c.update_client_certificate(**proof, patchOperations=[replace("/description", "new")])
assert c.get_client_certificate(**proof)["description"] == "new"
assert len(c.get_client_certificates()["items"]) == 1

balancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/b"
link = c.create_vpc_link(name="link", targetArns=[balancer])
private = {"vpcLinkId": link["id"]}
c.update_vpc_link(**private, patchOperations=[replace("/name", "changed")])
assert c.get_vpc_link(**private)["status"] == "AVAILABLE"
assert c.get_vpc_links()["items"][0]["name"] == "changed"

arn = "arn:aws:apigateway:us-east-1::/apikeys/" + key["id"]
c.tag_resource(resourceArn=arn, tags={"c": "d"})
c.untag_resource(resourceArn=arn, tagKeys=["a"])
assert c.get_tags(resourceArn=arn)["tags"] == {"c": "d"}

# And all of it goes again.
assert "there are API Stages associated" in refused(
    "BadRequestException", c.delete_usage_plan, **in_plan
)
c.delete_usage_plan_key(**in_plan, keyId=key["id"])
stage = {"op": "remove", "path": "/apiStages", "value": api + ":prod"}
c.update_usage_plan(**in_plan, patchOperations=[stage])
c.delete_usage_plan(**in_plan)
c.delete_api_key(**one)
c.delete_client_certificate(**proof)
c.delete_vpc_link(**private)
refused("NotFoundException", c.get_api_key, **one)

print("\n".join(sorted(called)))
