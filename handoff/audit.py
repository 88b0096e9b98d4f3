"""What agents did, for good: rows are only added, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from handoff.tables import audit_log


def add(
    connection: Connection,
    now: datetime,
    agent: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that an agent did something to a subject: a handoff, an agent, a conversation, a case."""
    connection.execute(
        audit_log.insert().values(at=now, agent=agent, action=action, subject=subject, detail=detail or {})
    )


def read(
    connection: Connection, *, agent: str = "", subject: str = "", before: int | None = None, limit: int = 100
) -> list[RowMapping]:
    """The newest entries, of one agent or about one subject; `before` an id goes on with the older ones."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if agent:
        query = query.where(audit_log.c.agent == agent)
    if subject:
        query = query.where(audit_log.c.subject == subject)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    return list(connection.execute(query).mappings())
