"""The ledger (台帐) for other systems, and the steps of a complaint or claim taken by staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, select, tuple_

from bot import case_steps
from bot.api import paging
from bot.api.bodies import read_body
from bot.api.models import CaseBody, CaseChange, StepBody
from bot.api.problems import Problem, invalid
from bot.cases import NoSuchCase, case_json, cases_json, keep_past, open_case, update_case
from bot.desk import Desk
from bot.ledger import lock_conversation
from bot.store import tables
from faq.case_deadlines import due_in
from intents.meaning import OpenCase, UpdateCase

STATUSES = {
    "pickup": frozenset({"confirmed", "dispatched", "collected", "cancelled"}),
    "inquiry": frozenset({"open", "answered", "closed"}),
    "delivery_change": frozenset({"open", "done", "cancelled"}),
    "complaint": frozenset({"open", "in_progress", "resolved", "closed"}),
    "claim": frozenset({"submitted", "answered", "offered", "agreed", "paid", "rejected", "disputed"}),
}
FILTERS = ("kind", "status", "waybill", "conversation")


class CasesApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def list(self, request: web.Request, _: str) -> web.Response:
        start, cursor = paging.instant(request, "since"), request.query.get("cursor")
        table = tables.cases
        query = select(table.c.number).order_by(table.c.opened_at.desc(), table.c.number.desc())
        for name in FILTERS:
            if request.query.get(name):
                query = query.where(table.c[name] == request.query[name])
        if start:
            query = query.where(table.c.opened_at >= start)
        if cursor:
            last = select(table.c.opened_at).where(table.c.number == cursor).scalar_subquery()
            query = query.where(tuple_(table.c.opened_at, table.c.number) < tuple_(last, cursor))

        def read(connection: Connection) -> list[dict[str, Any]]:
            numbers = list(connection.execute(query.limit(paging.PAGE)).scalars())
            return cases_json(connection, numbers, self.desk.zone)

        cases = await self.desk.store.read(read)
        more = len(cases) == paging.PAGE
        return web.json_response({"cases": cases, "cursor": cases[-1]["number"] if more else None})

    async def get(self, request: web.Request, _: str) -> web.Response:
        number = request.match_info["number"]
        return await self._show(lambda _: number, read=True)

    async def bring_in(self, request: web.Request, caller: str) -> web.Response:
        """A case made elsewhere; the same `external_id` again gives the case it made."""
        body = await read_body(request, CaseBody)
        _allowed(body.kind, body.status)

        def enter(connection: Connection) -> str:
            if body.external_id:
                query = select(tables.cases.c.number).where(tables.cases.c.external_id == body.external_id)
                earlier = connection.execute(query).scalar_one_or_none()
                if earlier:
                    return str(earlier)
            return self._enter(connection, body, caller)

        return await self._show(enter, status=201)

    def _enter(self, connection: Connection, body: CaseBody, caller: str) -> str:
        """A case keeps its own past; where it names no deadline, those of the rules run from its start."""
        began = min((entry.at for entry in body.history), default=self.desk.now())
        opened = body.opened_at or began
        named = {each.name: each.due for each in body.deadlines}
        product = body.outcome.get("product") or "domestic"
        due = due_in(body.kind, body.status, opened, product, self.desk.knowledge.desk)
        order = OpenCase(
            kind=body.kind,
            status=body.status,
            form=body.form,
            outcome=body.outcome,
            waybill=body.waybill,
            priority=body.priority,
            customer=body.customer.model_dump(mode="json", exclude_unset=True),
            deadlines=named or due,
        )
        now, history = self.desk.now(), [entry.model_dump() for entry in body.history]
        number = open_case(connection, now, body.conversation, order, caller, body.owner, body.external_id)
        keep_past(connection, number, opened, body.contacts, history)
        return number

    async def change(self, request: web.Request, caller: str) -> web.Response:
        """A status set by a system (pickup dispatched, collected …)."""
        body, number = await read_body(request, CaseChange), request.match_info["number"]

        def change(connection: Connection) -> str:
            case = case_json(connection, number, self.desk.zone)
            _allowed(case["kind"], body.status)
            self._lock(connection, case["conversation"])
            order = UpdateCase(number, what=body.text or body.status, status=body.status)
            update_case(connection, self.desk.now(), order, body.by or caller)
            return number

        return await self._show(change)

    async def step(self, request: web.Request, caller: str) -> web.Response:
        """A step of staff; the customer is told in the chat."""
        number, step = request.match_info["number"], request.match_info["step"]
        body = await read_body(request, StepBody) if request.can_read_body else StepBody()
        total = str(body.total) if body.total is not None else ""

        def take(connection: Connection) -> str:
            self._lock(connection, case_json(connection, number, self.desk.zone)["conversation"])
            taken = case_steps.Taken(step, body.by or caller, body.text, total)
            case_steps.take(connection, self.desk.now(), number, taken)
            return number

        return await self._show(take)

    def _lock(self, connection: Connection, conversation: str) -> None:
        """Lock as a turn does, so that a conversation's words have their ids in the order of the commits."""
        if conversation:
            lock_conversation(connection, self.desk.now(), conversation)

    async def _show(
        self, act: Callable[[Connection], str], *, read: bool = False, status: int = 200
    ) -> web.Response:
        def run(connection: Connection) -> dict[str, Any]:
            return case_json(connection, act(connection), self.desk.zone)

        try:
            case = await (self.desk.store.read(run) if read else self.desk.store.write(run))
        except NoSuchCase as error:
            raise Problem(404, "Not Found", f"no case {error}") from None
        except case_steps.NotPossible as error:
            raise Problem(409, "Conflict", str(error)) from None
        self.desk.told(case["conversation"])
        return web.json_response(case, status=status)


def _allowed(kind: str, status: str) -> None:
    if status not in STATUSES[kind]:
        errors = {"status": f"one of {', '.join(sorted(STATUSES[kind]))} for a {kind}"}
        raise invalid("body", errors)
