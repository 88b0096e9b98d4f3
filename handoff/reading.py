"""How far each has read a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from handoff.tables import read_marks

CUSTOMER = "customer"
"""The reader who is no agent."""


def mark(connection: Connection, now: datetime, conversation: str, reader: str, message: int) -> None:
    """The reader has read up to a message; an older mark changes nothing."""
    build = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = build(read_marks).values(conversation=conversation, reader=reader, message=message, at=now)
    statement = statement.on_conflict_do_update(
        index_elements=["conversation", "reader"],
        set_={"message": message, "at": now},
        where=read_marks.c.message < message,
    )
    connection.execute(statement)


def read_up_to(connection: Connection, conversation: str) -> dict[str, int]:
    """Reader → the last message read."""
    query = select(read_marks.c.reader, read_marks.c.message).where(read_marks.c.conversation == conversation)
    return {reader: int(message) for reader, message in connection.execute(query)}


def read_by(connection: Connection, reader: str, conversations: Iterable[str]) -> dict[str, int]:
    """Conversation → the last message that this reader has read."""
    query = select(read_marks.c.conversation, read_marks.c.message).where(
        read_marks.c.reader == reader, read_marks.c.conversation.in_(list(conversations))
    )
    return {conversation: int(message) for conversation, message in connection.execute(query)}
