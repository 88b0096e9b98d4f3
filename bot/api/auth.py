"""Who calls: a bearer token of a company system, what it may do, and how often."""

from __future__ import annotations

import math

from aiohttp import web
from aiolimiter import AsyncLimiter

from bot.api.problems import Problem
from bot.desk import Desk
from bot.tokens import USED_EVERY, find_token, touch_token
from bot.untext import mend

CHALLENGE = {"WWW-Authenticate": "Bearer"}
MINUTE = 60.0


class Gate:
    """Lets a call through, or says why not: 401, 403, or 429 with `Retry-After`."""

    def __init__(self, desk: Desk, per_minute: int) -> None:
        self.desk, self.per_minute = desk, per_minute
        self._limiters: dict[str, AsyncLimiter] = {}

    async def pass_through(self, request: web.Request) -> str:
        """The name of the caller's token."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        token = None
        if scheme.lower() == "bearer" and secret:
            told = mend(secret.strip())
            token = await self.desk.store.read(lambda connection: find_token(connection, told))
        if token is None:
            raise Problem(401, "Unauthorized", "expected Authorization: Bearer <token>", headers=CHALLENGE)
        await self._limit(token.name)
        name, now = token.name, self.desk.now()
        if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
            await self.desk.store.write(lambda connection: touch_token(connection, name, now))
        subject = request.path.split("/")[2]
        act = "read" if request.method in ("GET", "HEAD") else "write"
        if not token.may(subject, act):
            raise Problem(403, "Forbidden", f"the token {name} lacks the scope {subject}:{act}")
        return name

    async def _limit(self, name: str) -> None:
        limiter = self._limiters.setdefault(name, AsyncLimiter(self.per_minute, MINUTE))
        if not limiter.has_capacity():
            seconds = str(math.ceil(MINUTE / self.per_minute))
            raise Problem(
                429,
                "Too Many Requests",
                f"at most {self.per_minute} calls a minute for the token {name}",
                headers={"Retry-After": seconds},
            )
        await limiter.acquire()
