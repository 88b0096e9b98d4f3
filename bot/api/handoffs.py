"""The human queue for other systems: list, take, answer, resolve, give back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from bot.api import paging
from bot.api.bodies import read_body
from bot.api.models import Agent, AssignBody, ReturnBody, WordBody
from bot.api.problems import Problem, invalid
from bot.desk import Desk
from handoff import lookup
from handoff.changes import BadCursor, changed_since
from handoff.lookup import Handoff, NotFound
from handoff.queue import AlreadyTaken, NotOpen
from handoff.tables import EPOCH

STATUSES = frozenset({"waiting", "scheduled", "assigned", "resolved", "returned"})


class HandoffsApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def list(self, request: web.Request, _: str) -> web.Response:
        status = request.query.get("status")
        if status and status not in STATUSES:
            errors = {"status": "one of " + ", ".join(sorted(STATUSES))}
            raise invalid("query", errors)
        start, cursor = paging.instant(request, "since"), request.query.get("cursor")
        if start or cursor:
            return await self._changed(start or EPOCH, status, cursor)

        def read(connection: Connection) -> list[dict[str, Any]]:
            found = lookup.list_handoffs(connection, status)
            return [self._json(connection, handoff) for handoff in found]

        return web.json_response({"handoffs": await self.desk.store.read(read), "cursor": None})

    async def _changed(self, since: datetime, status: str | None, cursor: str | None) -> web.Response:
        """Those that changed since a moment, in that order; by this a mirror is brought level."""

        def read(connection: Connection) -> tuple[list[dict[str, Any]], str | None]:
            return changed_since(connection, since, status, cursor, paging.PAGE)

        try:
            found, last = await self.desk.store.read(read)
        except BadCursor:
            raise invalid("query", {"cursor": "the cursor of the page before"}) from None
        for each in found:
            each["updated_at"] = each["updated_at"].astimezone(self.desk.zone).isoformat()
        more = len(found) == paging.PAGE
        return web.json_response({"handoffs": found, "cursor": last if more else None})

    async def get(self, request: web.Request, _: str) -> web.Response:
        id = request.match_info["id"]
        return await self._answer(lambda connection: lookup.get(connection, id), read=True)

    async def assign(self, request: web.Request, _: str) -> web.Response:
        agent, id = (await read_body(request, AssignBody)).agent, request.match_info["id"]
        return await self._answer(
            lambda connection: self.desk.queue.assign(connection, self.desk.now(), id, agent.id, agent.name)
        )

    async def post(self, request: web.Request, _: str) -> web.Response:
        body, id = await read_body(request, WordBody), request.match_info["id"]

        def say(connection: Connection) -> Handoff:
            handoff = lookup.get(connection, id)
            agent = body.agent or Agent(id=handoff.agent_id or "system", name=handoff.agent_name or "")
            self.desk.queue.post(connection, self.desk.now(), id, body.text, agent.id, agent.name)
            return lookup.get(connection, id)

        return await self._answer(say)

    async def resolve(self, request: web.Request, _: str) -> web.Response:
        id = request.match_info["id"]
        return await self._answer(lambda connection: self.desk.queue.resolve(connection, self.desk.now(), id))

    async def give_back(self, request: web.Request, _: str) -> web.Response:
        body = await read_body(request, ReturnBody) if request.can_read_body else ReturnBody()
        id = request.match_info["id"]
        return await self._answer(
            lambda connection: self.desk.queue.give_back(connection, self.desk.now(), id, body.note)
        )

    async def _answer(self, act: Callable[[Connection], Handoff], *, read: bool = False) -> web.Response:
        """Do one thing to a handoff and show it; the queue's refusals become problems."""

        def run(connection: Connection) -> tuple[Handoff, dict[str, Any]]:
            handoff = act(connection)
            return handoff, self._json(connection, handoff)

        try:
            handoff, shown = await (self.desk.store.read(run) if read else self.desk.store.write(run))
        except NotFound as error:
            raise Problem(404, "Not Found", str(error)) from None
        except (AlreadyTaken, NotOpen) as error:
            raise Problem(409, "Conflict", str(error)) from None
        self.desk.told(handoff.conversation)
        return web.json_response(shown)

    def _json(self, connection: Connection, handoff: Handoff) -> dict[str, Any]:
        waiting = handoff.status == "waiting"
        position = lookup.position(connection, handoff.id) if waiting else None
        since = handoff.waiting_since.astimezone(self.desk.zone).isoformat()
        return {**handoff.to_json(position), "waiting_since": since}
