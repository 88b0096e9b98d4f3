"""The words of conversations for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from bot import messages
from bot.ledger import SUMMARY_MESSAGES, form_json
from bot.store import tables
from handoff.console.needs import Glance
from handoff.lookup import OPEN
from handoff.reading import CUSTOMER
from handoff.summary import summarise
from handoff.tables import handoffs, read_marks

DIGITS = 4
"""A phone is looked for from this many digits on."""


class ConsoleTalk:
    """Implements handoff.console.needs.Talk."""

    def __init__(self, zone: tzinfo | None) -> None:
        self.zone = zone

    def latest(
        self, connection: Connection, conversation: str, before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        rows = messages.read_latest(connection, conversation, limit, before)
        return [messages.message_json(row, self.zone) for row in rows]

    def after(self, connection: Connection, conversation: str, after: int) -> list[dict[str, Any]]:
        rows = messages.read_after(connection, conversation, after)
        return [messages.message_json(row, self.zone) for row in rows]

    def glances(self, connection: Connection, conversations: Sequence[str]) -> dict[str, Glance]:
        """Each costs two look-ups by index, however long its conversation is."""
        talk, word, said = tables.conversations, tables.messages, tables.messages.alias("said")
        newest = (
            select(said.c.id)
            .where(said.c.conversation == talk.c.name, said.c.sender != "system")
            .order_by(said.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(
                talk.c.name,
                talk.c.customer_name,
                talk.c.verified_phone,
                word.c.text,
                word.c.sender,
                word.c.at,
            )
            .select_from(talk)
            .outerjoin(word, word.c.id == newest)
            .where(talk.c.name.in_(conversations))
        )
        unread = self._unread(connection, conversations)
        return {
            row.name: Glance(
                name=row.customer_name or "",
                phone=row.verified_phone or "",
                text=row.text or "",
                sender=row.sender or "",
                at=row.at,
                unread=unread.get(row.name, 0),
            )
            for row in connection.execute(query)
        }

    @staticmethod
    def _unread(connection: Connection, conversations: Sequence[str]) -> dict[str, int]:
        """Customers' words past the agents' marks; only of conversations that an agent has opened once."""
        word, mark = tables.messages, read_marks
        furthest = (
            select(mark.c.conversation, func.max(mark.c.message).label("message"))
            .where(mark.c.conversation.in_(conversations), mark.c.reader != CUSTOMER)
            .group_by(mark.c.conversation)
            .subquery()
        )
        query = (
            select(furthest.c.conversation, func.count())
            .join(word, word.c.conversation == furthest.c.conversation)
            .where(word.c.id > furthest.c.message, word.c.sender == "customer")
            .group_by(furthest.c.conversation)
        )
        return {str(name): int(count) for name, count in connection.execute(query)}

    def find(self, connection: Connection, text: str, limit: int) -> list[str]:
        """Open handoffs by any part of what the list shows; closed ones by whole, indexed numbers."""
        found = [*self._open(connection, text, limit), *self._any(connection, text, limit)]
        return list(dict.fromkeys(found))[:limit]

    @staticmethod
    def _open(connection: Connection, text: str, limit: int) -> list[str]:
        talk = tables.conversations
        parts: list[ColumnElement[bool]] = [
            handoffs.c.summary.contains(text, autoescape=True),
            handoffs.c.agent_name.contains(text, autoescape=True),
            talk.c.customer_name.contains(text, autoescape=True),
        ]
        if text.isdecimal() and len(text) >= DIGITS:
            parts += [
                talk.c.verified_phone.contains(text, autoescape=True),
                handoffs.c.callback_phone.contains(text, autoescape=True),
            ]
        query = (
            select(handoffs.c.id)
            .join(talk, talk.c.name == handoffs.c.conversation)
            .where(handoffs.c.status.in_(OPEN), or_(*parts))
            .order_by(handoffs.c.waiting_since.desc())
            .limit(limit)
        )
        return list(connection.execute(query).scalars())

    @staticmethod
    def _any(connection: Connection, text: str, limit: int) -> list[str]:
        talk, case, number = tables.conversations, tables.cases, text.upper()
        places = (
            select(talk.c.name).where(talk.c.verified_phone == text),
            select(case.c.conversation).where(case.c.number == number),
            select(case.c.conversation).where(case.c.waybill == number, case.c.waybill != ""),
            select(case.c.conversation).where(case.c.phone == text, case.c.phone != ""),
        )
        named = dict.fromkeys(
            name for place in places for name in connection.execute(place.limit(limit)).scalars() if name
        )
        query = (
            select(handoffs.c.id)
            .where(or_(handoffs.c.id == number, handoffs.c.conversation.in_(list(named))))
            .order_by(handoffs.c.waiting_since.desc())
            .limit(limit)
        )
        return list(connection.execute(query).scalars())

    def open_form(self, connection: Connection, conversation: str) -> Mapping[str, Any] | None:
        table = tables.conversations
        query = select(table.c.forms).where(table.c.name == conversation)
        forms = connection.execute(query).scalar_one_or_none()
        return form_json(forms[-1]) if forms else None

    def summary(self, connection: Connection, conversation: str) -> str:
        said = messages.read_latest(connection, conversation, SUMMARY_MESSAGES)
        form = self.open_form(connection, conversation)
        table = tables.cases
        query = (
            select(table.c.number)
            .where(table.c.conversation == conversation, table.c.kind != "inquiry")
            .order_by(table.c.opened_at.desc())
            .limit(3)
        )
        cases = list(connection.execute(query).scalars())
        intent = str(form["intent"]) if form else _last_intent(connection, conversation)
        return summarise([dict(row) for row in said], form, cases, intent)


def _last_intent(connection: Connection, conversation: str) -> str:
    """What the latest request for a person was about is not stored; its case's kind tells most."""
    table = tables.cases
    query = select(table.c.kind).where(table.c.conversation == conversation)
    kind = connection.execute(query.order_by(table.c.opened_at.desc()).limit(1)).scalar_one_or_none()
    return {"pickup": "pickup_booking", "inquiry": "tracking_query"}.get(str(kind), str(kind or "human"))
