"""The human queue as it stands: who waits, in which place, and with whom. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from handoff.tables import ASSIGNED, WAITING, handoffs
from handoff.tables import OPEN as IS_OPEN

FREE = ("waiting", "scheduled")
OPEN = (*FREE, "assigned")
PREFERRED = timedelta(days=7)
"""An agent who handled the customer within this time is preferred (首问责任)."""
LISTED = 200
WORSE = 3
"""A place that is worse by less is not told again."""


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

    @property
    def in_front(self) -> bool:
        """Whether it stands before the others of its priority, because it was with an agent already."""
        return self.rank % 2 == 0

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
    """Those of an open status in the order in which they are served; closed ones and all, newest first."""
    query = select(handoffs).limit(LISTED)
    if status is None:
        query = query.order_by(handoffs.c.waiting_since.desc(), handoffs.c.id.desc())
    elif status in OPEN:
        query = query.where(handoffs.c.status == status)
        query = query.order_by(handoffs.c.rank, handoffs.c.waiting_since, handoffs.c.id)
    else:
        query = query.where(handoffs.c.status == status).order_by(handoffs.c.closed_at.desc())
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


def first_contact(connection: Connection, now: datetime, conversation: str) -> str:
    """The agent who handled this customer first within the time that counts, or empty."""
    query = (
        select(handoffs.c.agent_id)
        .where(
            handoffs.c.conversation == conversation,
            handoffs.c.closed_at >= now - PREFERRED,
            handoffs.c.agent_id != "",
        )
        .order_by(handoffs.c.closed_at)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or ""


def settled_since(connection: Connection, since: datetime, conversation: str) -> Handoff | None:
    """The last handoff of a conversation, if an agent settled it after `since`."""
    query = (
        select(handoffs)
        .where(handoffs.c.conversation == conversation, handoffs.c.closed_at >= since)
        .order_by(handoffs.c.closed_at.desc(), handoffs.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return _handoff(row) if row and row["status"] == "resolved" and row["agent_id"] else None


def of_agent(connection: Connection, agent_id: str) -> list[Handoff]:
    """The chats that an agent has now, the oldest first."""
    query = select(handoffs).where(ASSIGNED, handoffs.c.agent_id == agent_id)
    query = query.order_by(handoffs.c.assigned_at, handoffs.c.id)
    return [_handoff(row) for row in connection.execute(query).mappings()]


def moved_places(connection: Connection) -> list[tuple[Handoff, int]]:
    """Those who wait and whose place is now at most half, or twice and more, of what they were told."""
    place = func.row_number().over(order_by=(handoffs.c.rank, handoffs.c.waiting_since, handoffs.c.id))
    waiting = select(handoffs.c.id, handoffs.c.told_position, place.label("place")).where(WAITING).subquery()
    told, now = waiting.c.told_position, waiting.c.place
    query = (
        select(handoffs, now)
        .join(waiting, waiting.c.id == handoffs.c.id)
        .where(told > 0, or_(now * 2 <= told, and_(now >= told * 2, now >= told + WORSE)))
        .order_by(now)
        .limit(LISTED)
    )
    return [(_handoff(row), int(row["place"])) for row in connection.execute(query).mappings()]


def _handoff(row: RowMapping) -> Handoff:
    return Handoff(**{name: row[name] for name in Handoff.__dataclass_fields__})
