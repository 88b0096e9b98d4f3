"""What happened, as events: written in the transaction that it tells of, counted up in each conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, text

from handoff.counting import count_up
from handoff.tables import event_counters, events

INSERT = events.insert()
_origin: ContextVar[str] = ContextVar("origin", default="")


def add(connection: Connection, now: datetime, conversation: str, type: str, data: Mapping[str, Any]) -> int:
    """Write an event and return its `seq`, which counts up by one in its conversation."""
    seq = count_up(connection, event_counters, conversation)
    origin = _origin.get()
    told = {**data, "origin": origin} if origin else dict(data)
    connection.execute(
        INSERT, {"conversation": conversation, "seq": seq, "type": type, "data": told, "at": now}
    )
    return seq


def message_created(
    connection: Connection,
    now: datetime,
    conversation: str,
    sender: str,
    text: str,
    name: str = "",
    attachments: Sequence[Mapping[str, str]] = (),
) -> int:
    """A word of customer, bot or agent while a handoff is open, with the pictures that came with it."""
    word = {"from": sender, "name": name, "text": text, "attachments": [dict(each) for each in attachments]}
    return add(connection, now, conversation, "message.created", word)


def read(
    connection: Connection, conversation: str | None, after: int, limit: int = 100
) -> list[dict[str, Any]]:
    """Events after a `seq` of one conversation, or after an id over all, in order; none is passed over."""
    query = select(events).limit(limit)
    if conversation is None:
        wait_for_writers(connection, events)
        query = query.where(events.c.id > after).order_by(events.c.id)
    else:
        query = query.where(events.c.conversation == conversation, events.c.seq > after)
        query = query.order_by(events.c.seq)
    return [
        {
            "id": row["id"],
            "type": row["type"],
            "timestamp": row["at"].isoformat(),
            "data": {**row["data"], "conversation": row["conversation"], "seq": row["seq"]},
        }
        for row in connection.execute(query).mappings()
    ]


@contextmanager
def acting_for(origin: str) -> Iterator[None]:
    """Events written inside tell whose act they are; he then knows his own where they come to him."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def wait_for_writers(connection: Connection, table: Table) -> None:
    """Let those who hold an id but have not committed finish, or a reader by id would go past them for good.

    SQLite has one writer, whose ids are in the order of its commits.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE MODE"))
