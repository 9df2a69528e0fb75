"""Calls one management operation through boto3 and prints how it ended, as JSON.

Arguments: endpoint_url, operation (post_to_connection, get_connection or delete_connection),
connection id. Credentials and region come from the environment.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError

endpoint_url, operation, connection_id = sys.argv[1:]
client = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint_url)
arguments = {"Data": b"pushed"} if operation == "post_to_connection" else {}
try:
    getattr(client, operation)(ConnectionId=connection_id, **arguments)
    print(json.dumps({"ok": True}))
except ClientError as error:
    answer = error.response
    print(
        json.dumps(
            {
                "ok": False,
                "code": answer["Error"]["Code"],
                "message": answer["Error"]["Message"],
                "status": answer["ResponseMetadata"]["HTTPStatusCode"],
            }
        )
    )
