"""Who calls: a bearer token of a company system."""

from __future__ import annotations

from aiohttp import web

from bot.api.problems import Problem
from bot.desk import Desk
from bot.tokens import USED_EVERY, find_token, touch_token
from bot.untext import mend


async def authorise(request: web.Request, desk: Desk) -> str:
    """The name of the caller's token; 401 without a genuine one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and token:
        found = await desk.store.read(lambda connection: find_token(connection, mend(token.strip())))
    if found is None:
        raise Problem(401, "Unauthorized", "expected Authorization: Bearer <token>")
    name, used = found
    now = desk.now()
    if used is None or now - used > USED_EVERY:
        await desk.store.write(lambda connection: touch_token(connection, name, now))
    return name
