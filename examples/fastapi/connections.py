"""Who is connected: the table a real application keeps in its database."""

from datetime import datetime, timezone


class Connections:
    """One active connection per user, as the guide recommends: a new one takes the old one's place."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict] = {}

    def store(self, user_id: str, connection_id: str) -> None:
        self._by_user[user_id] = {
            "user_id": user_id,
            "connection_id": connection_id,
            "connected_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def of_user(self, user_id: str) -> dict | None:
        return self._by_user.get(user_id)

    def user_of(self, connection_id: str) -> str | None:
        for record in self._by_user.values():
            if record["connection_id"] == connection_id:
                return record["user_id"]
        return None

    def delete(self, connection_id: str) -> None:
        """Forgets the connection. One that was replaced meanwhile leaves the new one alone."""
        user_id = self.user_of(connection_id)
        if user_id is not None:
            del self._by_user[user_id]

    def all(self) -> list[dict]:
        return list(self._by_user.values())
