"""The human queue as it stands: who waits, in which place, and with whom. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from handoff.tables import OPEN as IS_OPEN
from handoff.tables import WAITING, handoffs

FREE = ("waiting", "scheduled")
OPEN = (*FREE, "assigned")
PREFERRED = timedelta(days=7)
"""An agent who handled the customer within this time is preferred (首问责任)."""
LISTED = 200


class NotFound(LookupError):
    """No handoff has this id."""


@dataclass(frozen=True)
class Handoff:
    id: str
    conversation: str
    reason: str
    priority: str
    status: str
    agent_id: str
    agent_name: str
    waiting_since: datetime
    callback_phone: str
    summary: str
    form: Mapping[str, Any] | None
    cases: Sequence[str]
    rank: int
    """The order of service: lower ranks first, the longest waiting within one."""
    level: str
    """The lowest role that serves it while one such is online."""
    skill: str
    """What the agent must know; empty for anybody."""
    preferred: str
    """The agent of the first contact (首问责任)."""
    transferred_from: str
    reopened_from: str
    assigned_at: datetime | None
    first_reply_at: datetime | None
    closed_at: datetime | None
    told_position: int
    note: str
    version: int
    """Counted up whenever it changes hands."""

    def to_json(self, position: int | None = None) -> dict[str, Any]:
        """The contract's form; `position` is 1 for the next in the queue."""
        agent = {"id": self.agent_id, "name": self.agent_name} if self.agent_id else None
        return {
            "id": self.id,
            "conversation": self.conversation,
            "reason": self.reason,
            "priority": self.priority,
            "status": self.status,
            "position": position,
            "agent": agent,
            "waiting_since": self.waiting_since.isoformat(),
            "callback_phone": self.callback_phone,
            "summary": self.summary,
            "form": self.form,
            "cases": list(self.cases),
        }


def get(connection: Connection, id: str) -> Handoff:
    """One handoff; raises NotFound."""
    row = connection.execute(select(handoffs).where(handoffs.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no handoff {id}")
    return _handoff(row)


def open_for(connection: Connection, conversation: str) -> Handoff | None:
    """The open handoff of a conversation, if it has one."""
    query = select(handoffs).where(handoffs.c.conversation == conversation, IS_OPEN)
    row = connection.execute(query).mappings().one_or_none()
    return _handoff(row) if row else None


def list_handoffs(connection: Connection, status: str | None = None) -> list[Handoff]:
    """The handoffs in the order in which they are served; of one status, or all, newest first."""
    query = select(handoffs).limit(LISTED)
    if status is None:
        query = query.order_by(handoffs.c.waiting_since.desc(), handoffs.c.id.desc())
    else:
        query = query.where(handoffs.c.status == status)
        query = query.order_by(handoffs.c.rank, handoffs.c.waiting_since, handoffs.c.id)
    return [_handoff(row) for row in connection.execute(query).mappings()]


def position(connection: Connection, id: str) -> int:
    """The place in the queue, 1 for the next; raises NotFound."""
    mine = get(connection, id)
    before = and_(
        handoffs.c.rank == mine.rank,
        or_(
            handoffs.c.waiting_since < mine.waiting_since,
            and_(handoffs.c.waiting_since == mine.waiting_since, handoffs.c.id < id),
        ),
    )
    query = (
        select(func.count())
        .select_from(handoffs)
        .where(
            WAITING,
            or_(handoffs.c.rank < mine.rank, before),
        )
    )
    return int(connection.execute(query).scalar_one()) + 1


def waiting(connection: Connection) -> dict[str, int]:
    """How many wait, by priority."""
    query = select(handoffs.c.priority, func.count()).where(WAITING).group_by(handoffs.c.priority)
    return {priority: int(count) for priority, count in connection.execute(query)}


def next_for(connection: Connection, now: datetime, agent_id: str) -> str | None:
    """Whom this agent serves next: highest priority, his own customers first, then the longest waiting."""
    past = handoffs.alias("past")
    known = (
        select(past.c.id)
        .where(
            past.c.conversation == handoffs.c.conversation,
            past.c.agent_id == agent_id,
            past.c.closed_at >= now - PREFERRED,
        )
        .exists()
    )
    query = (
        select(handoffs.c.id)
        .where(WAITING)
        .order_by(handoffs.c.rank, known.desc(), handoffs.c.waiting_since, handoffs.c.id)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _handoff(row: RowMapping) -> Handoff:
    return Handoff(**{name: row[name] for name in Handoff.__dataclass_fields__})
