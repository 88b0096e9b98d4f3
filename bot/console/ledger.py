"""Customers, cases and parcels for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, or_, select

from bot import case_steps
from bot.cases import CLOSED, NoSuchCase, case_json, cases_json
from bot.ledger import lock_conversation
from bot.store import tables
from handoff.console.needs import Card, CaseView, StepRefused

CASES = 12
WAYBILLS = 3


class ConsoleLedger:
    """Implements handoff.console.needs.Ledger."""

    def __init__(self, zone: tzinfo | None) -> None:
        self.zone = zone

    def card(self, connection: Connection, conversation: str) -> Card:
        talk, known = tables.conversations, tables.customers
        query = (
            select(talk.c.customer_name, talk.c.verified_phone, talk.c.created_at, known.c.data)
            .outerjoin(known, known.c.phone == talk.c.verified_phone)
            .where(talk.c.name == conversation)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return Card()
        data: Mapping[str, Any] = row.data or {}
        return Card(
            name=row.customer_name or data.get("name") or "",
            phone=row.verified_phone or "",
            returning=bool(data.get("returning")),
            usual_goods=tuple(data.get("usual_goods") or ()),
            addresses=tuple(data.get("address_book") or ()),
            since=row.created_at.astimezone(self.zone),
        )

    def cases(self, connection: Connection, conversation: str, waybills: Sequence[str]) -> list[CaseView]:
        """Cases of the conversation, its phone and its waybills; open ones first, then the newest."""
        table, talk = tables.cases, tables.conversations
        phone = connection.execute(
            select(talk.c.verified_phone).where(talk.c.name == conversation)
        ).scalar_one_or_none()
        places = [table.c.conversation == conversation]
        if phone:
            places.append(table.c.phone == phone)
        if waybills:
            places.append(table.c.waybill.in_(waybills))
        query = (
            select(table.c.number)
            .where(or_(*places), table.c.kind != "inquiry")
            .order_by(table.c.status.in_(CLOSED), table.c.opened_at.desc())
            .limit(CASES)
        )
        numbers = list(connection.execute(query).scalars())
        return [
            CaseView(case, _steps(case["kind"], case["status"]))
            for case in cases_json(connection, numbers, self.zone)
        ]

    def step(
        self, connection: Connection, now: datetime, number: str, step: str, by: str, text: str, total: str
    ) -> str:
        try:
            conversation = str(case_json(connection, number, self.zone)["conversation"])
            if conversation:
                lock_conversation(connection, now, conversation)
            case_steps.take(connection, now, number, case_steps.Taken(step, by, text, total))
        except NoSuchCase:
            raise StepRefused("no_such_case") from None
        except case_steps.NotPossible:
            raise StepRefused("offer_total" if step == "offer" else "not_possible") from None
        return conversation

    def shipments(self, connection: Connection, waybills: Sequence[str]) -> list[Mapping[str, Any]]:
        table = tables.shipments
        query = select(table.c.waybill, table.c.data).where(table.c.waybill.in_(waybills))
        found = {row.waybill: {"waybill": row.waybill, **row.data} for row in connection.execute(query)}
        return [found[waybill] for waybill in waybills if waybill in found]

    def waybills(self, connection: Connection, conversation: str) -> list[str]:
        table, case = tables.conversations, tables.cases
        query = select(table.c.forms, table.c.memory).where(table.c.name == conversation)
        row = connection.execute(query).one_or_none()
        found: list[str] = []
        if row is not None:
            for form in reversed(row.forms):
                found += form["slots"].get("waybills", ())
            found += row.memory.get("waybills", ())
        opened = (
            select(case.c.waybill)
            .where(case.c.conversation == conversation, case.c.waybill != "")
            .order_by(case.c.opened_at.desc())
            .limit(WAYBILLS)
        )
        found += connection.execute(opened).scalars()
        return list(dict.fromkeys(found))[:WAYBILLS]

    def due(self, connection: Connection, until: datetime, limit: int) -> list[Mapping[str, Any]]:
        due, case = tables.deadlines, tables.cases
        query = (
            select(
                due.c.number,
                case.c.kind,
                case.c.status,
                due.c.name,
                due.c.due,
                case.c.conversation,
                case.c.owner,
                case.c.waybill,
            )
            .join(case, case.c.number == due.c.number)
            .where(due.c.met_at.is_(None), due.c.due < until, case.c.status.not_in(CLOSED))
            .order_by(due.c.due)
            .limit(limit)
        )
        return [dict(row) for row in connection.execute(query).mappings()]


def _steps(kind: str, status: str) -> tuple[str, ...]:
    return tuple(step for step, allowed in case_steps.ALLOWED.get(kind, {}).items() if status in allowed)
