"""`Idempotency-Key`: the same POST again gets the same answer and does nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from aiohttp import web
from sqlalchemy import Connection, and_, delete, select, update

from bot.api.problems import Problem, invalid
from bot.desk import Desk
from bot.store import tables
from bot.store.upsert import insert

KEPT = timedelta(days=7)
UNDER_WAY = timedelta(minutes=5)
"""A call that has no answer after as long died with its process; the key is free again."""
LONGEST = 255


class Earlier(NamedTuple):
    """The call that used a key before; `status` is 0 while it is under way."""

    fingerprint: str
    status: int
    body: str
    type: str


async def once(
    request: web.Request, desk: Desk, caller: str, serve: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Serve a call, or repeat the answer of the same call before it; 409 while that is under way."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return await serve()
    if not key.strip() or len(key) > LONGEST or not key.isprintable():
        raise invalid("header", {"Idempotency-Key": f"1 to {LONGEST} characters"})
    told = f"{request.method} {request.path_qs}\n".encode() + await request.read()
    fingerprint = hashlib.sha256(told).hexdigest()
    row = await desk.store.write(lambda connection: _claim(connection, desk.now(), caller, key, fingerprint))
    if row is not None:
        return _again(row, fingerprint)
    try:
        response = await serve()
    except Problem as problem:
        response = problem.response()
    except BaseException:
        await desk.store.write(lambda connection: _free(connection, caller, key))
        raise
    await desk.store.write(lambda connection: _keep(connection, caller, key, response))
    return response


def _claim(connection: Connection, now: datetime, caller: str, key: str, fingerprint: str) -> Earlier | None:
    """The earlier call with this key; None where this is the first, which then holds the key."""
    table = tables.repeats
    mine = and_(table.c.token == caller, table.c.key == key)
    old = and_(table.c.status == 0, table.c.at < now - UNDER_WAY)
    connection.execute(delete(table).where(mine, old))
    values = {"token": caller, "key": key, "fingerprint": fingerprint, "at": now}
    added = connection.execute(insert(connection, table).values(**values).on_conflict_do_nothing())
    if added.rowcount == 1:
        return None
    query = select(table.c.fingerprint, table.c.status, table.c.body, table.c.type).where(mine)
    return Earlier(*connection.execute(query).one())


def _again(row: Earlier, fingerprint: str) -> web.Response:
    if row.fingerprint != fingerprint:
        raise invalid("header", {"Idempotency-Key": "used before for another call"})
    if not row.status:
        raise Problem(409, "Conflict", "the call with this Idempotency-Key is under way")
    headers = {"Idempotency-Replayed": "true"}
    return web.Response(text=row.body, status=row.status, content_type=row.type, headers=headers)


def _free(connection: Connection, caller: str, key: str) -> None:
    table = tables.repeats
    connection.execute(delete(table).where(table.c.token == caller, table.c.key == key))


def _keep(connection: Connection, caller: str, key: str, response: web.StreamResponse) -> None:
    if response.status >= 500 or not isinstance(response, web.Response):
        _free(connection, caller, key)
        return
    table = tables.repeats
    values = {"status": response.status, "body": response.text or "", "type": response.content_type}
    mine = update(table).where(table.c.token == caller, table.c.key == key)
    connection.execute(mine.values(**values))


def forget(connection: Connection, now: datetime) -> None:
    """Drop the answers that nobody asks for again."""
    connection.execute(delete(tables.repeats).where(tables.repeats.c.at < now - KEPT))
