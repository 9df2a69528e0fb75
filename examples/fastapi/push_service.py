"""Pushing to connected clients: the integration guide's section 3.2, safe to call from async code."""

import asyncio
import json
import os

import boto3
from botocore.config import Config

from connections import Connections

# The only line that differs between Postern and Amazon: where @connections is.
APIGW_ENDPOINT = os.environ.get("APIGW_ENDPOINT", "http://127.0.0.1:4080/production")
PUSHES_AT_ONCE = 20

client = boto3.client(
    "apigatewaymanagementapi",
    endpoint_url=APIGW_ENDPOINT,
    region_name=os.environ.get("AWS_REGION", "us-east-1"),
    config=Config(max_pool_connections=PUSHES_AT_ONCE, connect_timeout=5, read_timeout=10),
)


class PushService:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def push_to_client(self, user_id: str, payload: dict) -> bool:
        """Pushes to one user. False when they are not connected, which is normal."""
        record = self._connections.of_user(user_id)
        if record is None:
            return False
        return await self.push_to_connection(record["connection_id"], payload)

    async def push_to_clients(self, user_ids: list[str], payload: dict) -> list[str]:
        """Pushes to many users at once. Returns those who were reached."""
        reached = await asyncio.gather(*(self.push_to_client(user, payload) for user in user_ids))
        return [user for user, is_reached in zip(user_ids, reached) if is_reached]

    async def push_to_connection(self, connection_id: str, payload: dict) -> bool:
        try:
            # boto3 blocks: in a thread it does not hold up the other requests of this process.
            await asyncio.to_thread(
                client.post_to_connection,
                ConnectionId=connection_id,
                Data=json.dumps(payload).encode("utf-8"),
            )
            return True
        except client.exceptions.GoneException:
            # The client is gone and its record was not cleaned up yet.
            self._connections.delete(connection_id)
            return False

    async def delete_stale(self) -> int:
        """Deletes the records of clients that are gone. Heartbeats tell: clients pass them over."""
        heartbeat = {"type": "heartbeat"}
        records = self._connections.all()
        alive = await asyncio.gather(
            *(self.push_to_connection(record["connection_id"], heartbeat) for record in records)
        )
        return alive.count(False)
