"""How the endpoints do, for their operator: state, what waits, dead letters; and starting them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from handoff.mirror.lanes import is_down
from handoff.mirror.schedule import RETRIES
from handoff.mirror.tables import dead_letters, endpoints, lanes
from handoff.tables import events
from handoff.upsert import insert

SWEPT_AFTER, SWEPT_FOR = timedelta(days=1), timedelta(days=7)
"""How long after its last try, and how long after its event, a dead letter is tried again by itself."""
FRESH = {"status": "active", "failing": 0, "failing_since": None, "next_at": None, "tries": 0, "error": ""}
"""The state of an endpoint that is served."""


class UnknownEndpoint(LookupError):
    """No endpoint has this name."""


@dataclass(frozen=True)
class Overview:
    """`state`: up, down, paused, or gone; `waiting`: events not taken yet, dead letters not among them."""

    name: str
    state: str
    waiting: int
    dead: int
    since: datetime | None
    next_at: datetime | None
    error: str


@dataclass(frozen=True)
class DeadLetter:
    conversation: str
    seq: int
    type: str
    error: str
    at: datetime


def states(connection: Connection) -> dict[str, str]:
    """Each endpoint's state."""
    rows = connection.execute(select(endpoints)).mappings()
    return {row["name"]: _state(row) for row in rows}


def overview(connection: Connection) -> list[Overview]:
    """Every endpoint that was ever served, with what waits for it."""
    rows = connection.execute(select(endpoints).order_by(endpoints.c.name)).mappings().all()
    return [
        Overview(
            row["name"],
            _state(row),
            _waiting(connection, row),
            _count(connection, dead_letters, row["name"]),
            row["failing_since"],
            row["next_at"],
            row["error"],
        )
        for row in rows
    ]


def _state(row: Any) -> str:
    if row["status"] != "active":
        return str(row["status"])
    return "down" if is_down(row) else "up"


def _waiting(connection: Connection, row: Any) -> int:
    """Events behind the cursor that stand in lanes, and all before it; the unsubscribed ones among them."""
    ahead = select(func.count()).select_from(events).where(events.c.id > row["cursor"])
    held = select(func.coalesce(func.sum(lanes.c.last - lanes.c.after), 0)).where(
        lanes.c.endpoint == row["name"]
    )
    return int(connection.execute(ahead).scalar_one()) + int(connection.execute(held).scalar_one())


def _count(connection: Connection, table: Any, name: str) -> int:
    query = select(func.count()).select_from(table).where(table.c.endpoint == name)
    return int(connection.execute(query).scalar_one())


def dead_letters_of(connection: Connection, name: str, limit: int = 100) -> list[DeadLetter]:
    """The events that an endpoint never took, the newest first."""
    same = and_(events.c.conversation == dead_letters.c.conversation, events.c.seq == dead_letters.c.seq)
    query = (
        select(
            dead_letters.c.conversation,
            dead_letters.c.seq,
            events.c.type,
            dead_letters.c.error,
            dead_letters.c.at,
        )
        .join(events, same)
        .where(dead_letters.c.endpoint == name)
        .order_by(dead_letters.c.at.desc(), dead_letters.c.conversation, dead_letters.c.seq)
        .limit(limit)
    )
    return [DeadLetter(*row) for row in connection.execute(query)]


def start_again(connection: Connection, now: datetime, name: str) -> int:
    """Send again whatever waits, dead letters too, each conversation from its first; how many of those.

    What follows a dead letter in its conversation goes out again behind it, so that the order holds.
    Raises UnknownEndpoint.
    """
    _known(connection, name)
    connection.execute(update(endpoints).where(endpoints.c.name == name).values(**FRESH))
    waiting = update(lanes).where(lanes.c.endpoint == name)
    connection.execute(waiting.values(next_at=now, tries=0, error=""))
    mine = dead_letters.c.endpoint == name
    first = func.min(dead_letters.c.seq)
    query = select(dead_letters.c.conversation, first).where(mine).group_by(dead_letters.c.conversation)
    for conversation, seq in connection.execute(query).all():
        resend(connection, now, name, conversation, seq - 1)
    return connection.execute(delete(dead_letters).where(mine)).rowcount


def sweep(connection: Connection, now: datetime, name: str) -> int:
    """Once a day a dead letter of the last week has one more try while its endpoint is up; how many."""
    row = connection.execute(select(endpoints).where(endpoints.c.name == name)).mappings().one()
    if _state(row) != "up":
        return 0
    letters = dead_letters.c
    same = and_(events.c.conversation == letters.conversation, events.c.seq == letters.seq)
    due = and_(letters.endpoint == name, letters.at <= now - SWEPT_AFTER, events.c.at >= now - SWEPT_FOR)
    found = connection.execute(
        select(letters.conversation, letters.seq).join(events, same).where(due).order_by(letters.seq.desc())
    ).all()
    for conversation, seq in found:
        resend(connection, now, name, conversation, seq - 1, tries=len(RETRIES))
        mine = and_(letters.endpoint == name, letters.conversation == conversation, letters.seq == seq)
        connection.execute(delete(dead_letters).where(mine))
    return len(found)


def replay_since(connection: Connection, now: datetime, name: str, since: datetime) -> int:
    """Send again every event since a moment, in order in each conversation; how many conversations."""
    _known(connection, name)
    query = (
        select(events.c.conversation, func.min(events.c.seq))
        .where(events.c.at >= since)
        .group_by(events.c.conversation)
    )
    found = connection.execute(query).all()
    for conversation, seq in found:
        resend(connection, now, name, conversation, seq - 1)
    return len(found)


def resend(
    connection: Connection, now: datetime, name: str, conversation: str, after: int, tries: int = 0
) -> None:
    """Send a conversation's events after a `seq` again; a peer knows those it has by their webhook-id.

    `tries`: how many the first of them has behind it.
    """
    newest = connection.execute(
        select(func.max(events.c.seq)).where(events.c.conversation == conversation)
    ).scalar_one()
    if newest is None or newest <= after:
        return
    row = {"endpoint": name, "conversation": conversation, "after": after, "last": newest, "next_at": now}
    row["tries"] = tries
    values = {"after": _least(connection, lanes.c.after, after), "next_at": now}
    values |= {"tries": tries, "lease_until": None}
    statement = insert(connection, lanes).values(**row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["endpoint", "conversation"], set_=values)
    )


def _least(connection: Connection, one: Any, other: Any) -> Any:
    """The smaller of two values, which the databases name differently."""
    return (func.least if connection.dialect.name == "postgresql" else func.min)(one, other)


def _known(connection: Connection, name: str) -> None:
    if not connection.execute(select(endpoints.c.name).where(endpoints.c.name == name)).first():
        known = connection.execute(select(endpoints.c.name).order_by(endpoints.c.name)).scalars().all()
        raise UnknownEndpoint(f"no endpoint {name}; there are: {', '.join(known) or 'none'}")
