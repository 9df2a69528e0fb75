"""Demo authentication. Put your JWT or session check in the place of `authenticate`."""

import hmac
import json
import os

from fastapi import Header, HTTPException

TOKENS: dict[str, str] = json.loads(
    os.environ.get("TOKENS", '{"token-of-ada": "ada", "token-of-grace": "grace"}')
)
ADMIN_KEY = os.environ.get("ADMIN_KEY", "")


def authenticate(token: str | None) -> str | None:
    """The user the token belongs to, or None."""
    return TOKENS.get(token or "")


def signed_in(authorization: str = Header("")) -> str:
    """Dependency: the user behind `Authorization: Bearer <token>`."""
    user_id = authenticate(authorization.removeprefix("Bearer "))
    if user_id is None:
        raise HTTPException(401, "Unauthorized")
    return user_id


def admin(x_admin_key: str = Header("")) -> None:
    """Dependency: whoever knows ADMIN_KEY. Without one set, nobody does."""
    if not ADMIN_KEY or not hmac.compare_digest(x_admin_key.encode(), ADMIN_KEY.encode()):
        raise HTTPException(403, "Forbidden")
