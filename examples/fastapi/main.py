"""A FastAPI backend for WebSocket push: the integration guide's section 3, from top to bottom.

The gateway calls the three /ws routes; the application calls `pushes`. Nothing here knows whether
the gateway is Postern or Amazon API Gateway: `APIGW_ENDPOINT` decides.
"""

import json

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request

from auth import admin, authenticate, signed_in
from connections import Connections
from push_service import PushService

app = FastAPI(title="Notifications")
connections = Connections()
pushes = PushService(connections)


def mapped_connection_id(connection_id: str | None = Header(None, alias="connectionId")) -> str:
    """Dependency: the header `connectionId`, which exists because the integration maps it."""
    if not connection_id:
        raise HTTPException(400, "connectionId header missing")
    return connection_id


# ── What the gateway calls ───────────────────────────────────────────────────────────────────────


@app.post("/ws/connect")
async def connect(token: str | None = None, connection_id: str = Depends(mapped_connection_id)):
    user_id = authenticate(token)
    if user_id is None:
        raise HTTPException(401, "Unauthorized")
    connections.store(user_id, connection_id)
    return {"status": "connected"}


@app.post("/ws/disconnect")
async def disconnect(connection_id: str = Depends(mapped_connection_id)):
    connections.delete(connection_id)
    return {"status": "disconnected"}


@app.post("/ws/message")
async def message(request: Request, connection_id: str = Depends(mapped_connection_id)):
    """Heartbeats, and registration of a connection this backend does not know (any more)."""
    body = parse_object(await request.body())
    user_id = connections.user_of(connection_id) or authenticate(body.get("token"))
    if user_id is None:
        raise HTTPException(401, "Unauthorized")
    if connections.user_of(connection_id) is None:
        connections.store(user_id, connection_id)
    return {"status": "ok"}


def parse_object(text: bytes) -> dict:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


# ── What happens in the application: the guide's section 3.3 ─────────────────────────────────────

unread: dict[str, int] = {}


async def notify(user_ids: list[str], payload: dict) -> dict:
    """Pushes the event, then the recipients' new unread counts."""
    for user_id in user_ids:
        unread[user_id] = unread.get(user_id, 0) + 1
    delivered = await pushes.push_to_clients(user_ids, payload)
    for user_id in delivered:
        await push_unread(user_id)
    return {"delivered": delivered}


async def push_unread(user_id: str) -> bool:
    counts = {"notifications": unread.get(user_id, 0)}
    return await pushes.push_to_client(user_id, {"type": "unread_counts", "counts": counts})


@app.post("/articles")
async def publish(title: str = Body(embed=True), author: str = Depends(signed_in)):
    """New content: relevant users, except the author."""
    readers = [record["user_id"] for record in connections.all() if record["user_id"] != author]
    return await notify(readers, {"type": "new_content", "title": title, "author": author})


@app.post("/threads/{thread_id}/comments")
async def comment(
    thread_id: str,
    text: str = Body(),
    participants: list[str] = Body(),
    author: str = Depends(signed_in),
):
    """New comment: whoever takes part in the thread."""
    payload = {"type": "new_comment", "thread_id": thread_id, "text": text, "author": author}
    return await notify([user for user in participants if user != author], payload)


@app.post("/requests/{request_id}/status", dependencies=[Depends(signed_in)])
async def change_status(request_id: str, status: str = Body(), owner: str = Body()):
    """Status change: the user it affects."""
    return await notify([owner], {"type": "status_update", "id": request_id, "status": status})


@app.post("/alerts")
async def trigger_alert(text: str = Body(embed=True), owner: str = Depends(signed_in)):
    """Scheduled alert: its owner."""
    return await notify([owner], {"type": "alert_triggered", "text": text})


@app.post("/notifications/read")
async def mark_read(user_id: str = Depends(signed_in)):
    """Notifications read: the user's other pages show it too."""
    unread[user_id] = 0
    return {"delivered": await push_unread(user_id)}


# ── Debugging: the guide's section 5.1, for administrators only ──────────────────────────────────


@app.get("/debug/ws-connections", dependencies=[Depends(admin)])
async def list_connections():
    return connections.all()


@app.post("/debug/ws-push-test/{user_id}", dependencies=[Depends(admin)])
async def push_test(user_id: str):
    payload = {"type": "alert_triggered", "text": "This is a test push."}
    return {"delivered": await pushes.push_to_client(user_id, payload)}


@app.delete("/debug/ws-connections/stale", dependencies=[Depends(admin)])
async def delete_stale_connections():
    return {"deleted": await pushes.delete_stale()}
