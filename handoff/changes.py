"""Which handoffs changed since a moment, in that order: what a mirror is brought level by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, literal, select, tuple_

from handoff import lookup
from handoff.tables import EPOCH, MICROSECOND, Instant, event_counters, handoffs


class BadCursor(ValueError):
    """The cursor is none that we gave."""


def changed_since(
    connection: Connection, since: datetime, status: str | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Handoffs, each with the `seq` of its conversation's newest event, and the cursor of the next.

    One that changes while the pages are read comes again at their end; none is passed over. Raises BadCursor.
    """
    place = tuple_(handoffs.c.updated_at, handoffs.c.id)
    query = select(handoffs.c.id, handoffs.c.updated_at).order_by(handoffs.c.updated_at, handoffs.c.id)
    query = query.where(handoffs.c.updated_at >= since)
    if status:
        query = query.where(handoffs.c.status == status)
    if cursor:
        at, id = _read(cursor)
        query = query.where(place > tuple_(literal(at, Instant()), literal(id)))
    rows = connection.execute(query.limit(limit)).all()
    found = [lookup.get(connection, row.id) for row in rows]
    seqs = _seqs(connection, [each.conversation for each in found])
    listed = [{**each.to_json(), "seq": seqs.get(each.conversation, 0)} for each in found]
    for each, row in zip(listed, rows, strict=True):
        each["updated_at"] = row.updated_at
    last = rows[-1] if rows else None
    return listed, f"{(last.updated_at - EPOCH) // MICROSECOND}~{last.id}" if last else None


def _read(cursor: str) -> tuple[datetime, str]:
    at, _, id = cursor.partition("~")
    if not at.isdecimal() or len(at) > 16 or not id or len(id) > 32:
        raise BadCursor(cursor)
    return EPOCH + int(at) * MICROSECOND, id


def _seqs(connection: Connection, conversations: Sequence[str]) -> dict[str, int]:
    query = select(event_counters).where(event_counters.c.conversation.in_(set(conversations)))
    return {row.conversation: row.seq for row in connection.execute(query)}
