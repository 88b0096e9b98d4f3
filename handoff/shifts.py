"""Shift handover (交接班): what one agent leaves, and who has received it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from handoff.tables import shift_handovers


class NoSuchHandover(LookupError):
    """No handover has this id."""


class NotForYou(ValueError):
    """It was left for another, or is the agent's own."""


class AlreadyReceived(ValueError):
    """Somebody has received it."""


def hand_over(
    connection: Connection,
    now: datetime,
    from_agent: str,
    to_agent: str,
    note: str,
    content: Mapping[str, Any],
) -> int:
    """Leave what is open to a colleague, or to whoever comes next where `to_agent` is empty."""
    statement = shift_handovers.insert().values(
        from_agent=from_agent, to_agent=to_agent, note=note, content=dict(content), created_at=now
    )
    return int(connection.execute(statement.returning(shift_handovers.c.id)).scalar_one())


def receive(connection: Connection, now: datetime, id: int, agent: str) -> RowMapping:
    """Sign for a handover, once; raises NoSuchHandover, NotForYou and AlreadyReceived."""
    table = shift_handovers
    left = get(connection, id)
    if left["from_agent"] == agent or left["to_agent"] not in ("", agent):
        raise NotForYou(str(id))
    signed = connection.execute(
        update(table)
        .where(table.c.id == id, table.c.received_at.is_(None))
        .values(to_agent=agent, received_at=now)
    )
    if signed.rowcount == 0:
        raise AlreadyReceived(str(id))
    return get(connection, id)


def get(connection: Connection, id: int) -> RowMapping:
    """One handover; raises NoSuchHandover."""
    query = select(shift_handovers).where(shift_handovers.c.id == id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NoSuchHandover(str(id))
    return row


def recent(connection: Connection, limit: int = 20) -> list[RowMapping]:
    """The newest handovers."""
    query = select(shift_handovers).order_by(shift_handovers.c.id.desc()).limit(limit)
    return list(connection.execute(query).mappings())
